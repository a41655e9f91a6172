/** A mail server on loopback. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface ReceivedMail {
  from: string;
  to: string[];
  secure: boolean;
  user: string | undefined;
  /** Head and body, as sent. */
  source: string;
}

export interface SmtpServer {
  port: number;
  received: ReceivedMail[];
  counts: { connections: number };
  close(): void;
}

/** Takes everything unless told otherwise. It offers STARTTLS with a certificate of its own. */
export async function startSmtpServer(options: SMTPServerOptions = {}, port = 0): Promise<SmtpServer> {
  const received: ReceivedMail[] = [];
  const counts = { connections: 0 };
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    // Nothing asks a name server.
    disableReverseLookup: true,
    onConnect(_session, callback) {
      counts.connections++;
      callback();
    },
    onAuth: ({ username }, _session, callback) => callback(null, { user: username }),
    onData(stream, { envelope, secure, user }, callback) {
      let source = '';
      stream.on('data', (chunk: Buffer) => void (source += chunk.toString()));
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        received.push({ from, to: envelope.rcptTo.map(({ address }) => address), secure, user, source });
        callback();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  const address = server.server.address() as AddressInfo;
  return { received, counts, port: address.port, close: () => server.close() };
}

/** What a handler of the server answers with. */
export function refusal(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code });
}
