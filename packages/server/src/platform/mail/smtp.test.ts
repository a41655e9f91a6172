import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, test } from 'vitest';
import { type ReceivedMail, refusal, type SmtpServer, startSmtpServer } from '../../../test/smtp.ts';
import { type Mail, MailRefusedError } from './index.ts';
import { smtpMailer } from './smtp.ts';

const mail: Mail = { to: 'ada@example.com', subject: 'Grüße', text: 'Hello, Ada.\n', html: '<p>Hello, Ada.</p>\n' };

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

async function smtpServer(options?: SMTPServerOptions): Promise<SmtpServer> {
  const server = await startSmtpServer(options);
  cleanups.push(() => server.close());
  return server;
}

function mailer(url: string, timeouts?: { connect: number; silence: number }) {
  const made = smtpMailer({
    url,
    from: 'Confab <confab@chat.example>',
    ...(timeouts === undefined ? {} : { timeouts }),
  });
  cleanups.push(() => made.close());
  return made;
}

describe('a mail', () => {
  test('arrives as text and HTML, from the configured sender, under a Message-ID made of its id', async () => {
    const { received, port } = await smtpServer();
    await mailer(`smtp://127.0.0.1:${port}?ignoreTLS=true`).send(mail, 'job.1');
    expect(received).toHaveLength(1);
    const [{ from, to, source }] = received as [ReceivedMail];
    expect({ from, to }).toEqual({ from: 'confab@chat.example', to: ['ada@example.com'] });
    expect(source).toContain('Message-ID: <job.1@chat.example>\r\n');
    expect(source).toContain('From: Confab <confab@chat.example>\r\n');
    expect(source).toContain('To: ada@example.com\r\n');
    expect(source).toContain('Auto-Submitted: auto-generated\r\n');
    expect(source).toMatch(/Subject: =\?UTF-8\?/i);
    expect(source).toMatch(/text\/plain[\s\S]*Hello, Ada\.[\s\S]*text\/html[\s\S]*<p>Hello, Ada\.<\/p>/);
  });

  test('many at once share a few connections, and each arrives once', async () => {
    const { received, counts, port } = await smtpServer();
    const sender = mailer(`smtp://127.0.0.1:${port}?ignoreTLS=true`);
    await Promise.all(Array.from({ length: 20 }, (_, i) => sender.send(mail, `job.${i}`)));
    expect(received).toHaveLength(20);
    expect(counts.connections).toBeLessThanOrEqual(3);
  });

  test.each([
    'a@x.example,b@y.example',
    'a@x.example, b@y.example',
    'a@x.example;b@y.example',
    'a@x.example b@y.example',
    'Ada <ada@example.com>',
    '<ada@example.com>',
    '"a@x.example,b"@y.example',
    'friends: a@x.example, b@y.example;',
    'a@b@c.example',
    'ada@example.com\r\nBcc: b@y.example',
    'ada@example.com\nRCPT TO:<b@y.example>',
    'ada@[127.0.0.1]',
    'ada@example.com(b@y.example)',
    'ada',
    '',
  ])('to %j goes to nobody', async (to) => {
    const { received, counts, port } = await smtpServer();
    await expect(mailer(`smtp://127.0.0.1:${port}`).send({ ...mail, to }, 'job')).rejects.toThrow(MailRefusedError);
    expect({ received, counts }).toEqual({ received: [], counts: { connections: 0 } });
  });

  test.each(['Hello\r\nBcc: b@y.example', 'Hello\nBcc: b@y.example', 'Hello\u2028there'])(
    'with the subject %j goes to nobody',
    async (subject) => {
      const { received, port } = await smtpServer();
      await expect(mailer(`smtp://127.0.0.1:${port}`).send({ ...mail, subject }, 'job')).rejects.toThrow(
        MailRefusedError,
      );
      expect(received).toEqual([]);
    },
  );
});

describe('the connection', () => {
  // Of a certificate of its own making; whether it is checked is the next test's.
  const trusting = 'tls.rejectUnauthorized=false';

  test('is encrypted where the server offers it', async () => {
    const { received, port } = await smtpServer();
    await mailer(`smtp://127.0.0.1:${port}?${trusting}`).send(mail, 'job');
    expect(received.map(({ secure }) => secure)).toEqual([true]);
  });

  test('is not made to a server whose certificate is not trusted', async () => {
    const { received, port } = await smtpServer();
    await expect(mailer(`smtp://127.0.0.1:${port}`).send(mail, 'job')).rejects.toThrow('certificate');
    expect(received).toEqual([]);
  });

  test('is encrypted from the start with smtps, and name and password of the URL are decoded', async () => {
    const auths: unknown[] = [];
    const { received, port } = await smtpServer({
      secure: true,
      onAuth({ username, password }, _session, callback) {
        auths.push([username, password]);
        callback(null, { user: username });
      },
    });
    await mailer(`smtps://chat%40x.example:p%2Fw%3A%25@127.0.0.1:${port}?${trusting}`).send(mail, 'job');
    expect(received.map(({ secure, user }) => ({ secure, user }))).toEqual([{ secure: true, user: 'chat@x.example' }]);
    expect(auths).toEqual([['chat@x.example', 'p/w:%']]);
  });

  test('carries no password and no mail where TLS is not offered', async () => {
    let asked = 0;
    const { received, port } = await smtpServer({
      hideSTARTTLS: true,
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth({ username }, _session, callback) {
        asked++;
        callback(null, { user: username });
      },
    });
    await expect(mailer(`smtp://chat:secret@127.0.0.1:${port}`).send(mail, 'job')).rejects.toThrow(/TLS/i);
    expect({ received, asked }).toEqual({ received: [], asked: 0 });
  });
});

describe('a refusal', () => {
  async function failure(options: SMTPServerOptions): Promise<Error> {
    const { port } = await smtpServer(options);
    const sending = mailer(`smtp://chat:secret@127.0.0.1:${port}?tls.rejectUnauthorized=false`).send(mail, 'job');
    return sending.then(
      () => expect.fail('it was sent'),
      (error: Error) => error,
    );
  }

  test('of the address is for good, and the error does not name it', async () => {
    const error = await failure({
      onRcptTo: ({ address }, _session, callback) => callback(refusal(550, `5.1.1 <${address}>: no such user`)),
    });
    expect(error).toBeInstanceOf(MailRefusedError);
    expect(error.message).toBe('the server answered 550 5.1.1 to RCPT TO');
  });

  test('of the text is for good', async () => {
    const error = await failure({
      onData(stream, _session, callback) {
        stream.resume();
        stream.on('end', () => callback(refusal(554, '5.7.1 looks like spam')));
      },
    });
    expect(error).toBeInstanceOf(MailRefusedError);
    expect(error.message).toBe('the server answered 554 5.7.1 to DATA');
  });

  test('that may pass is none for good, and the error does not name the address', async () => {
    const error = await failure({
      onRcptTo: ({ address }, _session, callback) => callback(refusal(451, `4.7.1 <${address}>: greylisted`)),
    });
    expect(error).not.toBeInstanceOf(MailRefusedError);
    expect(error.message).toBe('mail could not be sent: the server answered 451 4.7.1 to RCPT TO');
    expect(error.cause).toBeUndefined();
  });

  test('of name and password, or of the sender, is for the operator to mend: none for good', async () => {
    const ofPassword = await failure({ onAuth: (_auth, _session, callback) => callback(refusal(535, '5.7.8 no')) });
    const ofSender = await failure({ onMailFrom: (_from, _session, callback) => callback(refusal(553, '5.7.1 no')) });
    expect(ofPassword).not.toBeInstanceOf(MailRefusedError);
    expect(ofPassword.message).toContain('535');
    expect(ofPassword.message).not.toContain('secret');
    expect(ofSender).not.toBeInstanceOf(MailRefusedError);
    expect(ofSender.message).toContain('553');
  });
});

describe('a server that does not answer', () => {
  async function tcpServer(connected: (socket: Socket) => void): Promise<number> {
    const server: Server = createServer(connected);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  test('is given up after the time for it, and that may pass', async () => {
    const port = await tcpServer((socket) => void socket.on('error', () => undefined));
    const sending = mailer(`smtp://127.0.0.1:${port}`, { connect: 50, silence: 50 }).send(mail, 'job');
    await expect(sending).rejects.toThrow(/mail could not be sent: ETIMEDOUT/);
    await expect(sending).rejects.not.toBeInstanceOf(MailRefusedError);
  });

  test('or is away, may pass', async () => {
    // No system gives out the first port, so that nobody listens there by chance.
    const sending = mailer('smtp://127.0.0.1:1').send(mail, 'job');
    await expect(sending).rejects.toThrow('ECONNREFUSED');
    await expect(sending).rejects.not.toBeInstanceOf(MailRefusedError);
  });

  test('and hangs up at once, is asked once: trying again is left to who sends', async () => {
    let connections = 0;
    const port = await tcpServer((socket) => {
      connections++;
      socket.on('error', () => undefined);
      socket.destroy();
    });
    await expect(mailer(`smtp://127.0.0.1:${port}`).send(mail, 'job')).rejects.toThrow('mail could not be sent');
    expect(connections).toBe(1);
  });

  test('and closes the connection in the middle of a mail, is not tried again at once: it may have been taken', async () => {
    let mails = 0;
    const port = await tcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('220 ready\r\n');
      let inData = false;
      socket.on('data', (chunk) => {
        const line = chunk.toString();
        if (inData) {
          if (line.endsWith('\r\n.\r\n')) socket.destroy();
        } else if (line.startsWith('DATA')) {
          inData = true;
          mails++;
          socket.write('354 go on\r\n');
        } else {
          socket.write('250 ok\r\n');
        }
      });
    });
    const sending = mailer(`smtp://127.0.0.1:${port}`).send(mail, 'job');
    await expect(sending).rejects.toThrow('mail could not be sent');
    await expect(sending).rejects.not.toBeInstanceOf(MailRefusedError);
    expect(mails).toBe(1);
  });
});
