/** What nobody may read afterwards: not in the log, not in the database, not in what is told of errors. */
import type { SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AccountsWorld, type Answer, Caller, startAccounts } from '../../../test/accounts.ts';
import { startServer } from '../../../test/server.ts';
import { connect } from '../../../test/person.ts';
import { io } from 'socket.io-client';

let world: AccountsWorld;
beforeAll(async () => void (world = await startAccounts()));
afterAll(() => world.close());

const SECRET_FIELD = /password|current|token|code|secret|challenge|ticket/i;

/** Texts under the name of something secret, anywhere within. Error codes are no secrets. */
function secretsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'error' || key === 'keys') return [];
    return typeof inner === 'string' && SECRET_FIELD.test(key) ? [inner] : secretsIn(inner);
  });
}

/** Whether `secret` is in `text`: as it is, in base64, in hexadecimal or in the coding of URLs. Digits only as a number. */
function holds(text: string, secret: string): boolean {
  if (/^\d+$/.test(secret)) return new RegExp(`(?<![\\da-f])${secret}(?![\\da-f])`).test(text);
  const bytes = Buffer.from(secret);
  const forms = [secret, encodeURIComponent(secret), bytes.toString('hex'), bytes.toString('base64url')];
  return forms.some((form) => text.includes(form) || text.includes(form.replace(/=+$/, '')));
}

/** Every row of every table, as text. */
async function stored(): Promise<string> {
  const { rows: tables } = await world.db.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await world.db.query<{ text: string }>(`select t::text as text from ${name} t`);
    texts.push(...rows.map(({ text }) => text));
  }
  return texts.join('\n');
}

test('no password, token, code or cookie of any way in or out is logged or stored in the clear, whether it was right or wrong', async () => {
  const secrets = new Set<string>();
  const inner = world.caller();
  async function call(
    name: Parameters<Caller['call']>[0],
    options: Parameters<Caller['call']>[1] = {},
  ): Promise<Answer> {
    const answer = await inner.call(name, options);
    const sent = [options.token, ...Object.values(options.headers ?? {}), ...inner.cookies.values()];
    for (const secret of [...sent, ...secretsIn(options.body), ...secretsIn(answer.body)])
      if (secret) secrets.add(secret);
    // The answer to a failure repeats nothing of what was tried.
    if (answer.code !== undefined) {
      for (const secret of secretsIn(options.body)) expect(holds(JSON.stringify(answer.body), secret)).toBe(false);
    }
    return answer;
  }
  async function mailed(): Promise<string> {
    const text = (await world.mails()).at(-1)?.text ?? '';
    const secret = /#token=([\w-]+)/.exec(text)?.[1] ?? /\d{3} ?\d{3}/.exec(text)?.[0].replace(' ', '') ?? '';
    expect(secret).not.toBe('');
    secrets.add(secret);
    return secret;
  }

  const email = 'secretive@example.com';
  const password = 'Tr0ub4dor & Söhne';
  const signedUp = await call('signUp', { body: { email, username: 'secretive', password } });
  expect(signedUp.status).toBe(201);
  const token = (signedUp.body as SignedIn).accessToken;
  expect((await call('verifyEmail', { body: { token: 'W'.repeat(43) } })).code).toBe('invalid_link');
  expect((await call('verifyEmail', { body: { token: await mailed() } })).status).toBe(200);

  expect((await call('signIn', { body: { email, password: 'quite the wrong password' } })).status).toBe(401);
  expect((await call('signIn', { body: { email, password: { $ne: 'smuggled password' } } })).status).toBe(400);
  expect((await call('signIn', { body: { email, password, transport: 'body' } })).status).toBe(200);
  expect((await call('profile', { token: `${token}x` })).status).toBe(401);
  expect((await call('profile', { token })).status).toBe(200);
  expect((await call('profile', { query: { token, access_token: token, password } })).status).toBe(401);

  const headers = { 'x-csrf-token': ((await call('csrf')).body as { csrfToken: string }).csrfToken };
  expect((await call('refresh', { headers: { 'x-csrf-token': 'a wrong CSRF token' } })).status).toBe(403);
  expect((await call('refresh', { headers })).status).toBe(200);
  const { refreshToken = '' } = (await call('signIn', { body: { email, password, transport: 'body' } }))
    .body as SignedIn;
  await call('refresh', { body: { refreshToken } });
  await world.clock.advance(11_000);
  expect((await call('refresh', { body: { refreshToken } })).code).toBe('session_ended');

  expect((await call('requestCode', { body: { email } })).status).toBe(200);
  const code = await mailed();
  expect((await call('verifyCode', { body: { email, code: code === '000000' ? '000001' : '000000' } })).status).toBe(
    400,
  );
  expect((await call('verifyCode', { body: { email, code } })).status).toBe(200);

  expect((await call('forgotPassword', { body: { email } })).status).toBe(204);
  // Also while it waits to be sent.
  const waiting = await stored();
  const reset = await mailed();
  expect(holds(waiting, reset)).toBe(false);
  const changed = 'another passphrase altogether';
  expect((await call('resetPassword', { body: { token: reset, password: changed } })).status).toBe(204);
  const again = (await call('signIn', { body: { email, password: changed } })).body as SignedIn;
  expect(
    (await call('stepUp', { token: again.accessToken, body: { with: 'password', password: 'wrong step up' } })).status,
  ).toBe(401);
  expect(
    (await call('stepUp', { token: again.accessToken, body: { with: 'password', password: changed } })).status,
  ).toBe(200);
  const bot = { name: 'bot', scopes: ['profile:read'], expiresInDays: 1 };
  expect((await call('createApiToken', { token: again.accessToken, body: bot })).status).toBe(201);
  expect((await call('startTotp', { token: again.accessToken })).status).toBe(200);
  const last = { current: changed, password: 'the very last passphrase' };
  expect((await call('changePassword', { token: again.accessToken, body: last })).status).toBe(204);
  await call('signOut', {
    headers: { 'x-csrf-token': ((await call('csrf')).body as { csrfToken: string }).csrfToken },
  });

  expect(secrets.size).toBeGreaterThan(25);
  const [log, database] = [world.logged(), await stored()];
  expect(log.split('\n').length).toBeGreaterThan(20);
  expect(database).toContain('secretive');
  for (const secret of secrets) {
    expect.soft([secret, holds(log, secret)]).toEqual([secret, false]);
    // Codes of 6 digits are kept as a keyed hash; a wrong one may be any number.
    if (!/^\d+$/.test(secret)) expect.soft([secret, holds(database, secret)]).toEqual([secret, false]);
  }
});

test('nor are the tokens of handshakes and heartbeats, right ones and wrong ones', async () => {
  const server = await startServer({ LOG_LEVEL: 'trace' });
  try {
    const person = await server.person();
    const { accessToken, refreshToken = '' } = person.signedIn;
    const connected = await person.connect();
    await connected.ask('heartbeat', { token: accessToken });
    const wrong = `${accessToken.slice(0, -8)}wrongone`;
    await expect(connected.ask('heartbeat', { token: wrong })).rejects.toMatchObject({
      body: { code: 'unauthenticated' },
    });
    const socket = io(server.url, { auth: { token: wrong }, transports: ['websocket'], reconnection: false });
    connect(socket);
    await new Promise((resolve) => socket.once('connect_error', resolve));
    // Where a client of old would have put it.
    await fetch(`${server.url}/socket.io/?EIO=4&transport=polling&token=${accessToken}`);
    await fetch(`${server.url}/api/nothing/${refreshToken}?access_token=${accessToken}`);
    await fetch(`${server.url}/${accessToken}#${refreshToken}`);
    const log = server.logged();
    expect(log).toContain('"route":"unknown"');
    for (const secret of [accessToken, refreshToken, wrong]) expect(holds(log, secret)).toBe(false);
  } finally {
    await server.stop();
  }
});
