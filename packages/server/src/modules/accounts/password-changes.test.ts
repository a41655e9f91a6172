import { hash as argon2 } from '@node-rs/argon2';
import { hash as bcrypt } from '@node-rs/bcrypt';
import type { SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AccountsWorld,
  type Answer,
  codeTo,
  letterTo,
  PASSWORD,
  startAccounts,
  tokenTo,
} from '../../../test/accounts.ts';
import { NO_LIMITS } from '../../../test/limits.ts';

const NEW = 'quite another one';
const HOUR = 3_600_000;

let world: AccountsWorld;
beforeAll(async () => void (world = await startAccounts()));
afterAll(() => world.close());

const signIn = (username: string, password: string): Promise<Answer> =>
  world.caller().call('signIn', { body: { username, password, transport: 'body' } });
const forgot = (email: string) => world.caller().call('forgotPassword', { body: { email } });
const reset = (token: string, password: unknown = NEW): Promise<Answer> =>
  world.caller().call('resetPassword', { body: { token, password } });
const change = (token: string, body: unknown): Promise<Answer> =>
  world.caller().call('changePassword', { token, body });

async function member(username: string) {
  const { user, accessToken, refreshToken } = await world.caller().signUp(username);
  const email = `${username}@example.com`;
  const body = { token: await tokenTo(world, email) };
  expect((await world.caller().call('verifyEmail', { body })).status).toBe(200);
  return { id: user.id, username, email, token: accessToken, refreshToken };
}

async function linkFor(email: string): Promise<string> {
  expect((await forgot(email)).status).toBe(204);
  return tokenTo(world, email);
}

const statusOf = async (token: string) => (await world.caller().call('profile', { token })).status;

describe('a forgotten password', () => {
  test('is set anew by the mailed link, once; all sessions end, and the owner is told', async () => {
    const ada = await member('ada');
    const token = await linkFor(ada.email);
    expect((await reset(token)).status).toBe(204);
    expect(await statusOf(ada.token)).toBe(401);
    expect((await world.caller().refresh(ada.refreshToken)).code).toBe('session_ended');
    expect((await signIn('ada', PASSWORD)).code).toBe('invalid_credentials');
    expect((await signIn('ada', NEW)).status).toBe(200);
    expect((await reset(token, 'a third password')).code).toBe('invalid_link');
    expect((await signIn('ada', NEW)).status).toBe(200);
    expect((await letterTo(world, ada.email)).subject).toBe('Your password was changed');
  });

  test('of 50 uses of a link at the same time, at most one succeeds, and the password is its', async () => {
    const { email } = await member('grace');
    const token = await linkFor(email);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => reset(token, `password number ${i}`)));
    const winners = answers.flatMap(({ status }, i) => (status === 204 ? [i] : []));
    expect(winners).toHaveLength(1);
    expect((await signIn('grace', `password number ${winners[0]}`)).status).toBe(200);
  });

  test('by several links at the same time is set once, and none gets in the way of another', async () => {
    const { email } = await member('several');
    const links: string[] = [];
    for (let i = 0; i < 5; i++) links.push(await linkFor(email));
    const answers = await Promise.all(links.map((token) => reset(token)));
    expect(answers.map(({ code }) => code ?? 'ok').toSorted()).toEqual([...Array(4).fill('invalid_link'), 'ok']);
  });

  test('can be set for an hour', async () => {
    const { email } = await member('slow');
    const late = await linkFor(email);
    await world.clock.advance(HOUR);
    expect((await reset(late)).code).toBe('invalid_link');
    const intime = await linkFor(email);
    await world.clock.advance(HOUR - 1);
    expect((await reset(intime)).status).toBe(204);
  });

  test('a password that is refused does not use up the link', async () => {
    const { email } = await member('alan');
    const token = await linkFor(email);
    for (const password of ['password123', 'alan-alan', 'short', 'x'.repeat(201)]) {
      expect((await reset(token, password)).code).toBe('bad_input');
    }
    expect((await reset(token)).status).toBe(204);
  });

  test('is not shown in log, subject or query', async () => {
    const { email } = await member('secretive');
    const token = await linkFor(email);
    const { subject, text } = await letterTo(world, email);
    expect(text).toContain(`https://chat.example/reset-password#token=${token}\n`);
    expect(subject).toBe('Set a new password');
    await reset(token);
    expect(world.logged()).not.toContain(token);
    expect(world.logged()).not.toContain(NEW);
  });

  test('other links that are out stop working with it', async () => {
    const { email, token: access } = await member('many');
    const [first, second] = [await linkFor(email), await linkFor(email)];
    const body = { email: 'thief@example.com' };
    expect((await world.caller().call('changeEmail', { token: access, body })).status).toBe(204);
    const theft = await tokenTo(world, 'thief@example.com');
    expect((await reset(second)).status).toBe(204);
    expect((await reset(first)).code).toBe('invalid_link');
    expect((await world.caller().call('verifyEmail', { body: { token: theft } })).code).toBe('invalid_link');
  });

  test('leaves the second factor on', async () => {
    const { email, id } = await member('factors');
    await world.db.query('insert into accounts.totp (user_id, secret, confirmed_at) values ($1, $2, now())', [
      id,
      Buffer.of(1),
    ]);
    expect((await reset(await linkFor(email))).status).toBe(204);
    expect(Object.keys((await signIn('factors', NEW)).body as object)).toEqual(['secondFactor']);
  });

  test('of an address that was never proven: it is from now on, and every way in of before is gone', async () => {
    const thief = await world.caller().signUp('mallory');
    const email = 'mallory@example.com';
    const { id } = thief.user;
    await world.db.query('insert into accounts.totp (user_id, secret, confirmed_at) values ($1, $2, now())', [
      id,
      Buffer.of(1),
    ]);
    await world.db.query(
      `insert into accounts.identities (provider, subject, user_id, created_at) values ('google', '2', $1, now())`,
      [id],
    );
    expect((await reset(await linkFor(email))).status).toBe(204);
    const answer = await signIn('mallory', NEW);
    expect((answer.body as SignedIn).user).toMatchObject({ id, email, emailVerified: true });
    expect(await statusOf(thief.accessToken)).toBe(401);
    const { rows } = await world.db.query('select from accounts.identities where user_id = $1', [id]);
    expect(rows).toEqual([]);
  });

  test.each(['banned', 'disabled'] as const)('lets nobody in who is %s', async (what) => {
    const { email, id } = await member(what);
    const token = await linkFor(email);
    const set = what === 'banned' ? `banned_at = now(), ban_reason = 'spam'` : `state = 'disabled'`;
    await world.db.query(`update accounts.users set ${set} where id = $1`, [id]);
    expect((await reset(token)).status).toBe(204);
    expect((await signIn(what, NEW)).code).toBe(`account_${what}`);
  });

  test('of nobody is answered alike, and mailed that there is no account', async () => {
    const { email } = await member('known');
    const [known, unknown] = [await forgot(email), await forgot('unknown@example.com')];
    expect({ status: unknown.status, body: unknown.body }).toEqual({ status: known.status, body: known.body });
    expect((await letterTo(world, 'unknown@example.com')).subject).toBe('No account with this address');
    expect((await letterTo(world, 'unknown@example.com')).text).not.toContain('token');
  });

  test('cannot be set with a link of another kind', async () => {
    await world.caller().signUp('kinds');
    const verification = await tokenTo(world, 'kinds@example.com');
    expect((await reset(verification)).code).toBe('invalid_link');
    for (const token of ['x', 'A'.repeat(43)]) expect((await reset(token)).code).toBe('invalid_link');
    for (const token of [null, 1, ['x'], { $ne: 1 }, '']) {
      expect((await world.caller().call('resetPassword', { body: { token, password: NEW } })).code).toBe('bad_input');
    }
  });

  test('needs mail', async () => {
    const node = await world.node({ mailer: null });
    const body = { email: 'ada@example.com' };
    expect((await node.caller().call('forgotPassword', { body })).code).toBe('not_enabled');
  });
});

describe('a change of the password', () => {
  test('takes the current one; other sessions and API tokens end, this one stays, and the owner is told', async () => {
    const barbara = await member('barbara');
    const other = (await signIn('barbara', PASSWORD)).body as SignedIn;
    const made = await world.caller().call('createApiToken', {
      token: barbara.token,
      body: { name: 'script', scopes: ['profile:read'], expiresInDays: 30 },
    });
    const { token: apiToken } = made.body as { token: string };
    expect((await change(barbara.token, { current: 'not the one', password: NEW })).code).toBe('invalid_credentials');
    expect((await change(barbara.token, { password: NEW })).code).toBe('bad_input');
    expect(await statusOf(other.accessToken)).toBe(200);

    expect((await change(barbara.token, { current: PASSWORD, password: NEW })).status).toBe(204);
    expect(await statusOf(barbara.token)).toBe(200);
    expect(await statusOf(other.accessToken)).toBe(401);
    expect(await statusOf(apiToken)).toBe(401);
    expect((await world.caller().refresh(barbara.refreshToken)).status).toBe(200);
    expect((await signIn('barbara', PASSWORD)).code).toBe('invalid_credentials');
    expect((await signIn('barbara', NEW)).status).toBe(200);
    expect((await letterTo(world, barbara.email)).subject).toBe('Your password was changed');
  });

  test('of 20 at the same time, one succeeds, and the password is its', async () => {
    const { token } = await member('racer');
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => change(token, { current: PASSWORD, password: `password number ${i}` })),
    );
    const winners = answers.flatMap(({ status }, i) => (status === 204 ? [i] : []));
    expect(winners).toHaveLength(1);
    expect((await signIn('racer', `password number ${winners[0]}`)).status).toBe(200);
  });

  test('to one that is common, tells who one is, is too short or no text is refused', async () => {
    const { token } = await member('linus');
    const refused = ['password123', 'linus-linus', 'LINUS@example.com', 'short', null, 12345678, ['x'.repeat(8)]];
    for (const password of refused) {
      expect((await change(token, { current: PASSWORD, password })).code, String(password)).toBe('bad_input');
    }
    expect((await signIn('linus', PASSWORD)).status).toBe(200);
  });

  test('wrong guesses at the current one count as failed sign-ins', async () => {
    const node = await world.node({ limits: { ...NO_LIMITS, sign_in: { count: 5, seconds: 900 } } });
    const { token } = await member('guessed');
    const guess = (current: string) =>
      node.caller().call('changePassword', { token, body: { current, password: NEW } });
    for (let i = 0; i < 5; i++) expect((await guess(`guess ${i}`)).code).toBe('invalid_credentials');
    expect((await guess(PASSWORD)).code).toBe('too_many_requests');
  });

  test('stops links and other addresses that were asked for', async () => {
    const { token, email } = await member('leaky');
    const link = await linkFor(email);
    expect((await change(token, { current: PASSWORD, password: NEW })).status).toBe(204);
    expect((await reset(link, 'a third password')).code).toBe('invalid_link');
  });

  test('where there is none yet, takes a step-up instead', async () => {
    await world.caller().signUp('passwordless');
    const email = 'passwordless@example.com';
    await world.caller().call('requestCode', { body: { email } });
    const body = { email, code: await codeTo(world, email), transport: 'body' };
    const { accessToken } = (await world.caller().call('verifyCode', { body })).body as SignedIn;
    await world.clock.advance(10 * 60_000);
    expect((await change(accessToken, { password: NEW })).code).toBe('step_up_required');
    await world.caller().call('requestCode', { body: { email } });
    const fresh = { email, code: await codeTo(world, email), transport: 'body' };
    const again = (await world.caller().call('verifyCode', { body: fresh })).body as SignedIn;
    expect((await change(again.accessToken, { current: '', password: NEW })).code).toBe('bad_input');
    expect((await change(again.accessToken, { password: NEW })).status).toBe(204);
    expect((await signIn('passwordless', NEW)).status).toBe(200);
  });

  test('is for whoever is signed in, and no guest', async () => {
    const body = { current: PASSWORD, password: NEW };
    expect((await world.caller().call('changePassword', { body })).code).toBe('unauthenticated');
    const guest = (await world.caller().call('guest', { body: { transport: 'body' } })).body as SignedIn;
    expect((await change(guest.accessToken, body)).code).toBe('members_only');
  });
});

describe('the next right sign-in', () => {
  const stored = async (username: string) => {
    const { rows } = await world.db.query<{ hash: string }>(
      'select password_hash as hash from accounts.users where username = $1',
      [username],
    );
    return rows[0]?.hash ?? '';
  };
  const put = (username: string, hash: string) =>
    world.db.query('update accounts.users set password_hash = $2 where username = $1', [username, hash]);

  test.each(['2a', '2b', '2y'] as const)('makes argon2id of an imported bcrypt hash ($%s)', async (version) => {
    const username = `imported.${version}`;
    await member(username);
    await put(username, await bcrypt('brought from elsewhere', { cost: 4, version }));
    expect((await signIn(username, PASSWORD)).code).toBe('invalid_credentials');
    expect(await stored(username)).toMatch(new RegExp(`^\\$${version}\\$`));
    expect((await signIn(username, 'brought from elsewhere')).status).toBe(200);
    expect(await stored(username)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await signIn(username, 'brought from elsewhere')).status).toBe(200);
    expect((await signIn(username, 'brought from elsewhere.')).code).toBe('invalid_credentials');
  });

  test('raises the cost of an argon2 hash, and leaves one as it is that needs nothing', async () => {
    await member('cheap');
    await put('cheap', await argon2(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 }));
    expect((await signIn('cheap', PASSWORD)).status).toBe(200);
    const raised = await stored('cheap');
    expect(raised).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await signIn('cheap', PASSWORD)).status).toBe(200);
    expect(await stored('cheap')).toBe(raised);
  });
});
