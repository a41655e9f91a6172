import fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../clock.ts';
import { MailRefusedError } from './index.ts';
import { createMailbox } from './mailbox.ts';

const mail = (text: string) => ({ to: 'ada@example.com', subject: `About ${text}`, text, html: `<p>${text}</p>` });

function setUp() {
  const mailbox = createMailbox(new FakeClock());
  const app = fastify();
  mailbox.bind(app);
  return { mailbox, get: (headers: Record<string, string> = {}) => app.inject({ url: '/dev/mailbox', headers }), app };
}

const subjects = (html: string) => [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map((match) => match[1]);

describe('the mailbox', () => {
  test('shows the text of every mail, the newest first, escaped, its links as links', async () => {
    const { mailbox, get } = setUp();
    await mailbox.send(mail('one'), '1');
    await mailbox.send(mail(`<script>alert("2")</script> & https://chat.example/verify-email#token=a_b'c`), '2');
    const { body, headers } = await get();
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    expect(subjects(body)).toHaveLength(2);
    expect(subjects(body)[1]).toBe('About one');
    expect(body).not.toContain('<script');
    expect(body).toContain('&#60;script&#62;');
    expect(body).toContain('<a href="https://chat.example/verify-email#token=a_b">');
  });

  test('links to pages alone', async () => {
    const { mailbox, get } = setUp();
    await mailbox.send(mail('javascript:alert(1) data:text/html,x'), '1');
    expect((await get()).body).not.toContain('<a ');
  });

  test('is JSON to those who ask for that', async () => {
    const { mailbox, get } = setUp();
    await mailbox.send(mail('one'), '1');
    const { mails } = (await get({ accept: 'application/json' })).json<{ mails: unknown[] }>();
    expect(mails).toMatchObject([{ ...mail('one'), id: '1' }]);
  });

  test('keeps the last 100, and the same mail once', async () => {
    const { mailbox, get } = setUp();
    for (let i = 0; i < 105; i++) await mailbox.send(mail(`number ${i}`), `${i}`);
    await mailbox.send(mail('number 104'), '104');
    const shown = subjects((await get()).body);
    expect(shown).toHaveLength(100);
    expect([shown[0], shown[99]]).toEqual(['About number 104', 'About number 5']);
  });

  test('refuses what could reach several', async () => {
    const { mailbox } = setUp();
    for (const to of ['a@x.example,b@y.example', 'Ada <ada@example.com>', 'ada@example.com\r\nBcc: b@y.example']) {
      await expect(mailbox.send({ ...mail('x'), to }, '1')).rejects.toThrow(MailRefusedError);
    }
  });

  test.each([
    { host: 'chat.example' },
    { host: '192.0.2.1:3000' },
    { host: '127.0.0.1.attacker.example' },
    { host: 'localhost:3000', 'x-forwarded-for': '127.0.0.1' },
    { host: 'localhost:3000', forwarded: 'for=127.0.0.1' },
  ] as Record<string, string>[])('is not there for a request with %j', async (headers) => {
    const { get } = setUp();
    const { statusCode, body } = await get(headers);
    expect(statusCode).not.toBe(200);
    expect(body).not.toContain('Mailbox');
  });

  test('is not there for another machine', async () => {
    const { app } = setUp();
    for (const remoteAddress of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1', '10.0.0.1']) {
      expect((await app.inject({ url: '/dev/mailbox', remoteAddress })).statusCode, remoteAddress).not.toBe(200);
    }
    for (const remoteAddress of ['127.0.0.1', '::ffff:127.0.0.1', '::1']) {
      expect((await app.inject({ url: '/dev/mailbox', remoteAddress })).statusCode, remoteAddress).toBe(200);
    }
  });
});
