/** Sending mail. `smtp.ts` implements it, and `mailbox.ts` where there is no server for it: a page to read it on. */

export interface Mail {
  /** One address; what could mean several is refused. */
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** It will not be taken, however often it is tried. Its message holds no address. */
export class MailRefusedError extends Error {
  override name = 'MailRefusedError';
}

export interface Mailer {
  /**
   * Resolves once a server has taken responsibility for it. The same `id` again is the same mail (its Message-ID).
   * @throws MailRefusedError when it is refused for good; any other error may pass
   */
  send(mail: Mail, id: string): Promise<void>;
  /** Connections that are open are closed. */
  close(): void;
}

// No quoted local parts, no comments, no literal hosts (RFC 5321 §4.1.2 would allow them): what is left is read alike by
// every mail program. CVE-2022-35924 is `a@x,b@y` taken as one address here and as two there.
const ONE_ADDRESS = /^[^\s"(),:;<>@[\\\]]+@[^\s"(),:;<>@[\\\]]+$/;
const LINE_BREAK = /[\r\n\u0085\u2028\u2029\0]/;

/** @throws MailRefusedError for what could reach another mailbox than meant, or add a header */
export function demandSafe({ to, subject }: Mail): void {
  if (!ONE_ADDRESS.test(to)) throw new MailRefusedError('what it is addressed to is not one address');
  if (LINE_BREAK.test(subject)) throw new MailRefusedError('its subject is not one line');
}
