/** Mail in the whole server: through SMTP_URL, on a page in development, or not at all. */
import { afterEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../src/platform/clock.ts';
import { startServer, type TestServer } from './server.ts';
import { startSmtpServer } from './smtp.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function server(env: Record<string, string>): Promise<TestServer> {
  const started = await startServer(env, { clock: new FakeClock() });
  cleanups.push(() => started.stop());
  return started;
}

function post(url: string, path: string, body: object): Promise<Response> {
  return fetch(`${url}/api/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

const account = { email: 'ada@example.com', username: 'ada', password: 'correct horse battery', transport: 'body' };

async function hasMail(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/api/auth/ways`);
  return ((await answer.json()) as { mail: boolean }).mail;
}

interface Shown {
  mails: { to: string; subject: string; text: string }[];
}
const mailbox = (url: string) => fetch(`${url}/dev/mailbox`, { headers: { accept: 'application/json' } });

describe('in development', () => {
  test('mail is shown at /dev/mailbox, and its code signs in', async () => {
    const { url, runDueJobs } = await server({});
    expect(await hasMail(url)).toBe(true);
    await post(url, '/signup', account);
    await post(url, '/otp', { email: account.email });
    await runDueJobs();
    const { mails } = (await (await mailbox(url)).json()) as Shown;
    expect(mails.map(({ to }) => to)).toEqual([account.email, account.email]);
    const text = mails.find(({ subject }) => subject === 'Your sign-in code')?.text ?? '';
    const code = /^ {4}(\d{6})$/m.exec(text)?.[1];
    const answer = await post(url, '/otp/verify', { email: account.email, code, transport: 'body' });
    expect(answer.status).toBe(200);
    const link = /https?:\/\/\S+#token=\S+/.exec(mails.map((mail) => mail.text).join('\n'))?.[0];
    expect(link?.startsWith(`${url}/verify-email#`)).toBe(true);

    const page = await fetch(`${url}/dev/mailbox`);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await fetch(`${url}/dev/mailbox.css`)).headers.get('content-type')).toContain('text/css');
  });
});

describe('in production', () => {
  const production = { NODE_ENV: 'production', SECRET_KEY: 'a secret of tests, of 32 characters' };

  test('without SMTP_URL there is no mail and no mailbox', async () => {
    const { url, runDueJobs } = await server(production);
    expect(await hasMail(url)).toBe(false);
    expect((await post(url, '/signup', account)).status).toBe(201);
    for (const path of ['/otp', '/password/forgot']) {
      const answer = await post(url, path, { email: account.email });
      expect(await answer.json()).toMatchObject({ error: { code: 'not_enabled' } });
    }
    await runDueJobs();
    for (const path of ['/dev/mailbox', '/dev/mailbox.css']) {
      const text = await (await fetch(`${url}${path}`, { headers: { accept: 'application/json' } })).text();
      expect(text).not.toMatch(/mails|Mailbox|font:/);
    }
  });

  test('with SMTP_URL mail is sent there, from MAIL_FROM, and there is no mailbox', async () => {
    const smtp = await startSmtpServer();
    cleanups.push(() => smtp.close());
    const { url, runDueJobs, logged } = await server({
      ...production,
      SMTP_URL: `smtp://127.0.0.1:${smtp.port}?ignoreTLS=true`,
      MAIL_FROM: 'Chat <chat@example.org>',
    });
    expect(await hasMail(url)).toBe(true);
    await post(url, '/signup', account);
    await post(url, '/otp', { email: account.email });
    expect(smtp.received).toEqual([]);
    await runDueJobs();
    expect(smtp.received.map(({ from, to }) => ({ from, to }))).toEqual([
      { from: 'chat@example.org', to: [account.email] },
      { from: 'chat@example.org', to: [account.email] },
    ]);
    expect((await mailbox(url)).status).toBe(404);
    expect(logged()).not.toContain(account.email);
  });
});
