/** Sending mail. `smtp.ts` implements it, and `mailbox.ts` where there is no server for it: a page to read it on. */

export interface Mail {
  /** One address; what could mean several is refused. */
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** It will not be taken, however often it is tried. */
export class MailRefusedError extends Error {
  override name = 'MailRefusedError';
}

export interface Mailer {
  /**
   * Resolves once a server has taken responsibility for it. The same `id` again is the same mail (its Message-ID).
   * @throws MailRefusedError when it is refused for good; any other error may pass
   */
  send(mail: Mail, id: string): Promise<void>;
  close(): void;
}
