import type { SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AccountsWorld,
  type Answer,
  codeTo,
  letterTo,
  type Node,
  PASSWORD,
  startAccounts,
  tokenTo,
} from '../../../test/accounts.ts';
import { NO_LIMITS } from '../../../test/limits.ts';

const MINUTE = 60_000;

let world: AccountsWorld;
beforeAll(async () => void (world = await startAccounts()));
afterAll(() => world.close());

const request = (email: string, node: Node = world) => node.caller().call('requestCode', { body: { email } });
const verify = (email: string, code: string, node: Node = world, ip?: string): Promise<Answer> =>
  node.caller(ip).call('verifyCode', { body: { email, code, transport: 'body' } });

/** Another than `code`. */
const not = (code: string, step = 1) => String((Number(code) + step) % 1_000_000).padStart(6, '0');

async function member(name: string): Promise<{ id: string; email: string; token: string }> {
  const { user, accessToken } = await world.caller().signUp(name);
  const email = `${name}@example.com`;
  await world.caller().call('verifyEmail', { body: { token: await tokenTo(world, email) } });
  return { id: user.id, email, token: accessToken };
}

async function codeFor(email: string): Promise<string> {
  expect(await request(email)).toMatchObject({ status: 200, body: { expiresIn: 600 } });
  return codeTo(world, email);
}

describe('a mailed code', () => {
  test('signs in, with spaces and dashes as people type them, and works once', async () => {
    const { email, id } = await member('ada');
    const code = await codeFor(email);
    const answer = await verify(email, `${code.slice(0, 3)} ${code.slice(3, 5)}-${code.slice(5)}`);
    expect(answer.status).toBe(200);
    const { user, accessToken } = answer.body as SignedIn;
    expect(user.id).toBe(id);
    const sessions = await world.caller().call('sessions', { token: accessToken });
    expect(sessions.body).toMatchObject({
      sessions: expect.arrayContaining([expect.objectContaining({ current: true, method: 'email_code' })]),
    });
    expect((await verify(email, code)).code).toBe('invalid_code');
  });

  test('of 50 tries at the same time with the right one, one signs in', async () => {
    const { email } = await member('grace');
    const code = await codeFor(email);
    const answers = await Promise.all(Array.from({ length: 50 }, () => verify(email, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ code: refusal }) => refusal === 'invalid_code')).toHaveLength(49);
  });

  test('has 5 tries, the right one included, however many come at the same time', async () => {
    const { email } = await member('alan');
    const code = await codeFor(email);
    await Promise.all(Array.from({ length: 50 }, (_, i) => verify(email, not(code, i + 1))));
    expect((await verify(email, code)).code).toBe('invalid_code');
    const second = await codeFor(email);
    for (let i = 1; i <= 4; i++) expect((await verify(email, not(second, i))).code).toBe('invalid_code');
    expect((await verify(email, second)).status).toBe(200);
  });

  test('works for 10 minutes', async () => {
    const { email } = await member('edsger');
    const code = await codeFor(email);
    await world.clock.advance(10 * MINUTE - 1);
    const late = await codeFor(email);
    expect((await verify(email, code)).code).toBe('invalid_code');
    await world.clock.advance(10 * MINUTE);
    expect((await verify(email, late)).code).toBe('invalid_code');
    const intime = await codeFor(email);
    await world.clock.advance(10 * MINUTE - 1);
    expect((await verify(email, intime)).status).toBe(200);
  });

  test('stops working when another is sent', async () => {
    const { email } = await member('barbara');
    const first = await codeFor(email);
    const second = await codeFor(email);
    if (first !== second) expect((await verify(email, first)).code).toBe('invalid_code');
    expect((await verify(email, second)).status).toBe(200);
  });

  test('of one person does not sign in another, nor does it confirm a sensitive change', async () => {
    const { email } = await member('donald');
    const other = await member('leslie');
    const code = await codeFor(email);
    expect((await verify(other.email, code)).code).toBe('invalid_code');
    await world.clock.advance(11 * MINUTE);
    const fresh = await codeFor(other.email);
    const stepUp = { with: 'email_code', code: fresh };
    expect((await world.caller().call('stepUp', { token: other.token, body: stepUp })).status).not.toBe(200);
    expect((await verify(other.email, fresh)).status).toBe(200);
  });

  test('is in no log and no database in plain, nor the address in the log', async () => {
    const { email, id } = await member('margaret');
    const code = await codeFor(email);
    const { rows } = await world.db.query(`select * from accounts.challenges where user_id = $1`, [id]);
    expect(JSON.stringify(rows)).not.toContain(code);
    const jobs = await world.db.query('select * from jobs._private_jobs');
    expect(JSON.stringify(jobs.rows)).not.toContain(email);
    expect(world.logged()).not.toContain(code);
    expect(world.logged()).not.toContain(email);
  });

  test('starts no session while a second factor is on: there is a challenge for it instead', async () => {
    const { email, id } = await member('hedy');
    await world.db.query('insert into accounts.totp (user_id, secret, confirmed_at) values ($1, $2, now())', [
      id,
      Buffer.from('sealed'),
    ]);
    const answer = await verify(email, await codeFor(email));
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body as object)).toEqual(['secondFactor']);
  });

  test.each([
    ['disabled', `state = 'disabled'`, 'account_disabled'],
    ['banned', `banned_at = now(), ban_reason = 'spam'`, 'account_banned'],
  ])('lets nobody in whose account is %s', async (name, change, refusal) => {
    const { email, id } = await member(`kept.${name}`);
    const code = await codeFor(email);
    await world.db.query(`update accounts.users set ${change} where id = $1`, [id]);
    expect((await verify(email, code)).code).toBe(refusal);
    expect((await verify(email, code)).code).toBe('invalid_code');
  });

  test('does not work any more once the account has another address', async () => {
    const { email, id } = await member('moved');
    const code = await codeFor(email);
    await world.db.query(`update accounts.users set email = 'elsewhere@example.com' where id = $1`, [id]);
    expect((await verify(email, code)).code).toBe('invalid_code');
  });

  test.each([null, 123456, ['123456'], { $ne: 1 }, '', '12345', '1234567', 'abcdef', '１２３４５６'])(
    '%j is none',
    async (code) => {
      const body = { email: 'ada@example.com', code };
      expect((await world.caller().call('verifyCode', { body })).code).toBe('bad_input');
    },
  );
});

describe('an address without an account', () => {
  test('is mailed that it has none, and no code: guessing leads nowhere', async () => {
    expect(await request('nobody@example.com')).toMatchObject({ status: 200, body: { expiresIn: 600 } });
    const { subject, text } = await letterTo(world, 'nobody@example.com');
    expect(subject).toBe('No account with this address');
    expect(text).not.toMatch(/\d{6}/);
    expect((await verify('nobody@example.com', '123456')).code).toBe('invalid_code');
  });
});

describe('an address that was never proven', () => {
  test('is proven by the code; whoever made the account before has no way in any more', async () => {
    // Somebody signs up with the address of another, and prepares every way back in.
    const thief = await world.caller().signUp('mallory');
    const email = 'mallory@example.com';
    const { id } = thief.user;
    const now = new Date(world.clock.now());
    await world.db.query('insert into accounts.totp (user_id, secret, confirmed_at) values ($1, $2, $3)', [
      id,
      Buffer.of(1),
      now,
    ]);
    await world.db.query('insert into accounts.recovery_codes (user_id, hash) values ($1, $2)', [id, Buffer.of(1)]);
    await world.db.query(
      `insert into accounts.passkeys (id, user_id, credential_id, public_key, counter, transports, name, created_at)
       values ($1, $1, 'x', $2, 0, '{}', 'mine', $3)`,
      [id, Buffer.of(1), now],
    );
    await world.db.query(
      `insert into accounts.identities (provider, subject, user_id, created_at) values ('google', '1', $1, $2)`,
      [id, now],
    );
    const apiToken = await world.caller().call('createApiToken', {
      token: thief.accessToken,
      body: { name: 'back door', scopes: ['profile:read'], expiresInDays: 30 },
    });
    expect(apiToken.status).toBe(201);
    const link = await tokenTo(world, email);

    const answer = await verify(email, await codeFor(email));
    expect(answer.status).toBe(200);
    const { user, accessToken } = answer.body as SignedIn;
    expect(user).toMatchObject({ id, email, emailVerified: true });
    expect((await world.caller().call('profile', { token: accessToken })).status).toBe(200);

    const caller = world.caller();
    expect((await caller.call('signIn', { body: { email, password: PASSWORD } })).code).toBe('invalid_credentials');
    expect((await caller.call('profile', { token: thief.accessToken })).code).toBe('session_ended');
    expect((await caller.refresh(thief.refreshToken)).code).toBe('session_ended');
    expect((await caller.call('verifyEmail', { body: { token: link } })).code).toBe('invalid_link');
    const { token } = apiToken.body as { token: string };
    expect((await caller.call('profile', { token })).status).toBe(401);
    for (const table of ['totp', 'recovery_codes', 'passkeys', 'identities']) {
      const { rows } = await world.db.query(`select from accounts.${table} where user_id = $1`, [id]);
      expect(rows, table).toEqual([]);
    }
  });

  test('leaves others who claimed it', async () => {
    await world.caller().signUp('first');
    const body = { email: 'first@example.com', password: PASSWORD, username: 'second', transport: 'body' };
    const second = (await world.caller().call('signUp', { body })).body as SignedIn;
    expect((await verify('first@example.com', await codeFor('first@example.com'))).status).toBe(200);
    const profile = await world.caller().call('profile', { token: second.accessToken });
    expect(profile.body).toMatchObject({ email: null, emailVerified: false });
  });

  test('a right code for an account that is kept out proves nothing', async () => {
    const { user } = await world.caller().signUp('kept.out');
    const code = await codeFor('kept.out@example.com');
    await world.db.query(`update accounts.users set state = 'disabled' where id = $1`, [user.id]);
    expect((await verify('kept.out@example.com', code)).code).toBe('account_disabled');
    const { rows } = await world.db.query('select email_verified_at as at from accounts.users where id = $1', [
      user.id,
    ]);
    expect(rows).toEqual([{ at: null }]);
  });
});

describe('limits', () => {
  test('a code a minute and 5 an hour for one address, with an account or without, from wherever', async () => {
    const limits = {
      ...NO_LIMITS,
      codes: { count: 1, seconds: 60 },
      codes_hourly: { count: 5, seconds: 3600 },
    };
    const node = await world.node({ limits });
    await world.caller().signUp('limited');
    for (const email of ['limited@example.com', 'stranger@example.com']) {
      for (let i = 0; i < 5; i++) {
        expect((await request(email, node)).status).toBe(200);
        const refused = await node.caller(`192.0.2.${i}`).call('requestCode', { body: { email } });
        expect(refused).toMatchObject({ status: 429, code: 'too_many_requests' });
        expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
        await node.clock.advance(MINUTE);
      }
      expect((await request(email, node)).code).toBe('too_many_requests');
      // A forgotten password is mail as well.
      expect((await node.caller().call('forgotPassword', { body: { email } })).code).toBe('too_many_requests');
    }
  });

  test('one client has no more than 60 letters an hour sent, to whomever; whom it goes to is no worse off', async () => {
    const limits = { ...NO_LIMITS, codes_address: { count: 60, seconds: 3600 }, codes: { count: 1, seconds: 60 } };
    const node = await world.node({ limits });
    const ask = (name: 'requestCode' | 'forgotPassword', email: string, from: string) =>
      node.caller(from).call(name, { body: { email } });
    for (let i = 0; i < 30; i++) {
      expect((await ask('requestCode', `bombed${i}@example.com`, `2001:db8::${i}`)).status).toBe(200);
      expect((await ask('forgotPassword', `bombed.too${i}@example.com`, `2001:db8::${i}`)).status).toBe(204);
    }
    for (const name of ['requestCode', 'forgotPassword'] as const) {
      expect((await ask(name, 'spared@example.com', '2001:db8::ffff')).code).toBe('too_many_requests');
    }
    expect((await ask('requestCode', 'spared@example.com', '192.0.2.9')).status).toBe(200);
  });

  test('failed tries from one IPv6 /64 count together', async () => {
    const node = await world.node({ limits: { ...NO_LIMITS, sign_in_address: { count: 10, seconds: 900 } } });
    for (let i = 0; i < 10; i++) await verify(`far${i}@example.com`, '123456', node, `2001:db8::${i}`);
    expect((await verify('far@example.com', '123456', node, '2001:db8::ffff')).code).toBe('too_many_requests');
    expect((await verify('far@example.com', '123456', node, '2001:db8:0:1::1')).code).toBe('invalid_code');
  });

  test('failed tries of one client are counted across all accounts, right ones are not', async () => {
    const node = await world.node({ limits: { ...NO_LIMITS, sign_in_address: { count: 10, seconds: 900 } } });
    for (let i = 0; i < 10; i++) {
      expect((await verify(`guessed${i}@example.com`, '123456', node, '192.0.2.1')).code).toBe('invalid_code');
    }
    const { email } = await member('unguessed');
    const code = await codeFor(email);
    expect((await verify(email, code, node, '192.0.2.1')).code).toBe('too_many_requests');
    for (let i = 0; i < 12; i++) {
      const again = await codeFor(email);
      expect((await verify(email, again, node, '192.0.2.2')).status).toBe(200);
    }
  });
});

test('without mail no code can be had', async () => {
  const node = await world.node({ mailer: null });
  expect((await request('ada@example.com', node)).code).toBe('not_enabled');
  expect((await node.caller().call('waysIn')).body).toMatchObject({ mail: false });
  expect((await world.caller().call('waysIn')).body).toMatchObject({ mail: true });
});
