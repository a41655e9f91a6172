/** Mail through a server of the operator's (SMTP, RFC 5321), by nodemailer. */
import { createTransport } from 'nodemailer';
import { demandSafe, type Mailer, MailRefusedError } from './index.ts';

const CONNECTIONS = 3;
/** Milliseconds to connect (the name look-up apart), to be greeted, and without a sign of life afterwards. */
const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;

interface SmtpOptions {
  /**
   * `smtps:` is TLS from the start. With `smtp:` the connection is encrypted where the server offers it (STARTTLS), and a
   * password is sent in no other way. Further options of nodemailer are taken from the query.
   */
  url: string;
  /** Such as `Confab <confab@example.com>`. */
  from: string;
  /** Milliseconds, in the place of the standard ones. */
  timeouts?: { connect: number; silence: number };
}

/** Keeps a few connections open and sends over them. */
export function smtpMailer({ url, from, timeouts }: SmtpOptions): Mailer {
  const transport = createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    // Trying again is left to the job: whoever closed the connection may have taken the mail.
    maxRequeues: 0,
    // Whoever cuts the way to the server must not get the password by hiding that it speaks TLS.
    requireTLS: new URL(url).username !== '',
    // A query may say otherwise.
    url,
    dnsTimeout: timeouts?.connect ?? CONNECT_MS,
    connectionTimeout: timeouts?.connect ?? CONNECT_MS,
    greetingTimeout: timeouts?.connect ?? CONNECT_MS,
    socketTimeout: timeouts?.silence ?? SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const sender = from.replace(/^.*<|>$/g, '');
  const domain = sender.slice(sender.lastIndexOf('@') + 1);

  return {
    async send(mail, id) {
      demandSafe(mail);
      try {
        await transport.sendMail({
          ...mail,
          from,
          // As it stands, not as a parser reads it.
          envelope: { from: sender, to: [mail.to] },
          messageId: `<${id}@${domain}>`,
          // No holiday answers (RFC 3834 §5).
          headers: { 'auto-submitted': 'auto-generated' },
        });
      } catch (error) {
        throw plain(error);
      }
    },
    close: () => transport.close(),
  };
}

/** Of an error that often quotes address and text: what it takes to find the cause. */
function plain(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('mail could not be sent');
  const { responseCode, command, code, response, message } = error as Error & Record<string, unknown>;
  if (typeof responseCode !== 'number') return new Error(`mail could not be sent: ${String(code)}: ${message}`);
  const detail = /\b[45]\.\d{1,3}\.\d{1,3}\b/.exec(String(response))?.[0];
  const answer = `the server answered ${responseCode}${detail === undefined ? '' : ` ${detail}`} to ${String(command)}`;
  // What it says to a greeting, a password or the sender concerns its configuration, which can be mended.
  const forGood = responseCode >= 500 && (command === 'RCPT TO' || command === 'DATA');
  return forGood ? new MailRefusedError(answer) : new Error(`mail could not be sent: ${answer}`);
}
