import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { startServer } from '../../../test/server.ts';
import { SmsRefusedError } from './index.ts';
import { twilioSms } from './twilio.ts';

const NUMBER = '+4915112345678';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

interface Received {
  method: string | undefined;
  url: string | undefined;
  type: string | undefined;
  authorization: string | undefined;
  body: string;
}

/** What listens on loopback in Twilio's place. */
async function peer(answer: (response: ServerResponse) => void) {
  const received: Received[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method, url, headers } = request;
    received.push({ method, url, type: headers['content-type'], authorization: headers.authorization, body });
    answer(response);
  };
  const server = createServer((request, response) => void take(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sms = (timeoutMs?: number) =>
    twilioSms({
      url,
      accountSid: 'AC123',
      authToken: 'secret:token',
      from: '+15005550006',
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  return { url, received, sms };
}

const answering =
  (status: number, body: unknown = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

async function failure(sending: Promise<void>): Promise<Error> {
  return sending.then(
    () => new Error('it was sent'),
    (error: unknown) => error as Error,
  );
}

describe('a text message', () => {
  test('is created at the account, as a form, with its credentials', async () => {
    const { received, sms } = await peer(answering(201, { sid: 'SM1', status: 'queued' }));
    await sms().send(NUMBER, '123456 is your code & more: grüße');
    expect(received).toHaveLength(1);
    const [request] = received;
    expect(request).toMatchObject({
      method: 'POST',
      url: '/2010-04-01/Accounts/AC123/Messages.json',
      authorization: `Basic ${Buffer.from('AC123:secret:token').toString('base64')}`,
    });
    expect(request?.type).toMatch(/^application\/x-www-form-urlencoded/);
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      From: '+15005550006',
      To: NUMBER,
      Body: '123456 is your code & more: grüße',
    });
  });

  test.each([400, 401, 403, 404, 422])('answered with %i is refused for good', async (status) => {
    const { sms } = await peer(answering(status, { code: 21211, message: `The number ${NUMBER} is not valid` }));
    const error = await failure(sms().send(NUMBER, '123456'));
    expect(error).toBeInstanceOf(SmsRefusedError);
    expect(error.message).toBe(`Twilio answered ${status}, error 21211`);
  });

  test.each([429, 500, 502, 503])('answered with %i may be tried again', async (status) => {
    const { sms } = await peer(answering(status, { code: 20429, message: NUMBER }));
    const error = await failure(sms().send(NUMBER, '123456'));
    expect(error).not.toBeInstanceOf(SmsRefusedError);
    expect(error.message).toBe(`Twilio answered ${status}, error 20429`);
  });

  test('may be tried again when the answer does not come in time, also when only its body is missing', async () => {
    for (const begin of [() => undefined, (response: ServerResponse) => void response.writeHead(500).write('{')]) {
      const { sms } = await peer(begin);
      const error = await failure(sms(50).send(NUMBER, '123456'));
      expect(error).not.toBeInstanceOf(SmsRefusedError);
      expect(error.message).not.toBe('it was sent');
    }
  });

  test('may be tried again when nobody listens or the connection breaks', async () => {
    const { sms } = await peer((response) => void response.destroy());
    expect(await failure(sms().send(NUMBER, '123456'))).not.toBeInstanceOf(SmsRefusedError);
    const nobody = twilioSms({ url: 'http://127.0.0.1:1', accountSid: 'AC1', authToken: 'x', from: 'Confab' });
    expect(await failure(nobody.send(NUMBER, '123456'))).not.toBeInstanceOf(SmsRefusedError);
  });

  test('and the credentials are not taken elsewhere by a redirect', async () => {
    const elsewhere = await peer(answering(201));
    const { sms } = await peer((response) => void response.writeHead(307, { location: elsewhere.url }).end());
    expect(await failure(sms().send(NUMBER, '123456'))).toBeInstanceOf(Error);
    expect(elsewhere.received).toEqual([]);
  });

  test('that fails in whatever way names neither number, text nor credentials', async () => {
    const { sms } = await peer(answering(400, `${NUMBER} 123456`));
    for (const error of [
      await failure(sms().send(NUMBER, '123456')),
      await failure(
        twilioSms({ url: 'http://127.0.0.1:1', accountSid: 'A', authToken: 'secret', from: 'B' }).send(
          NUMBER,
          '123456',
        ),
      ),
    ]) {
      const told = `${error.message} ${error.stack} ${String(error.cause)} ${JSON.stringify(error)}`;
      for (const hidden of [NUMBER, NUMBER.slice(1), '123456', 'secret']) expect(told).not.toContain(hidden);
    }
  });
});

test('a server with an account at Twilio texts by it, and has no outbox', async () => {
  const { url, received } = await peer(answering(201));
  const server = await startServer({
    TWILIO_ACCOUNT_SID: 'AC123',
    TWILIO_AUTH_TOKEN: 'secret',
    TWILIO_FROM: 'Confab',
    TWILIO_URL: url,
  });
  try {
    const person = await server.person();
    await person.call('setPhone', { body: { phone: NUMBER } });
    await expect.poll(() => received).toHaveLength(1);
    const body = new URLSearchParams(received[0]?.body);
    expect([body.get('To'), body.get('From')]).toEqual([NUMBER, 'Confab']);
    const code = /^\d{6}/.exec(body.get('Body') ?? '')?.[0] ?? '';
    expect(await person.call('verifyPhone', { body: { code } })).toMatchObject({ phone: NUMBER });
    expect(await (await fetch(`${server.url}/dev/sms`)).text()).not.toContain(code);
    expect(server.logged()).not.toContain(NUMBER.slice(1));
  } finally {
    await server.stop();
  }
});
