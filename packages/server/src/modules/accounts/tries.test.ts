import type { ErrorBody } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccountsWorld, type Answer, type Node, PASSWORD, startAccounts } from '../../../test/accounts.ts';
import { NO_LIMITS } from '../../../test/limits.ts';
import { FakeClock } from '../../platform/clock.ts';

const PERIOD = 900;
const HERE = '203.0.113.1';
const ELSEWHERE = '203.0.113.2';
let world: AccountsWorld;
let node: Node;
beforeAll(async () => {
  world = await startAccounts();
  node = await limited({ sign_in: { count: 5, seconds: PERIOD } });
});
afterAll(() => world.close());

function limited(limits: Partial<typeof NO_LIMITS>): Promise<Node> {
  return world.node({ limits: { ...NO_LIMITS, ...limits }, clock: new FakeClock() });
}

function signIn(who: object, password = 'not the password', from = HERE, on = node): Promise<Answer> {
  return on.caller(from).call('signIn', { body: { ...who, password, transport: 'body' } });
}

/** A new account by its address. */
async function account(username: string): Promise<{ email: string }> {
  await node.caller().signUp(username);
  return { email: `${username}@example.com` };
}

async function fail(times: number, who: object, from = HERE, on = node): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    expect(await signIn(who, 'not the password', from, on)).toMatchObject({ status: 401, code: 'invalid_credentials' });
  }
}

const REFUSED = { status: 429, code: 'too_many_requests' };

describe('failed sign-ins', () => {
  test('P-LIMIT-4 after 5 the 6th is refused and told how long to wait, the right password too, until the 15 minutes are over', async () => {
    const who = await account('guessed');
    await fail(5, who);
    const sixth = await signIn(who);
    expect(sixth).toMatchObject(REFUSED);
    expect(sixth.headers['retry-after']).toBe(String(PERIOD));
    expect((sixth.body as { error: ErrorBody }).error.details).toEqual({ retryAfter: PERIOD });
    expect(await signIn(who, PASSWORD)).toMatchObject(REFUSED);
    await node.clock.advance((PERIOD - 1) * 1000);
    const late = await signIn(who, PASSWORD);
    expect(late).toMatchObject(REFUSED);
    expect(late.headers['retry-after']).toBe('1');
    await node.clock.advance(1000);
    expect((await signIn(who, PASSWORD)).status).toBe(200);
  });

  test('of 50 at once 5 are looked at', async () => {
    const who = await account('stormed');
    const answers = await Promise.all(Array.from({ length: 50 }, () => signIn(who)));
    const codes = answers.map(({ code }) => code);
    expect(codes.filter((code) => code === 'invalid_credentials')).toHaveLength(5);
    expect(codes.filter((code) => code === 'too_many_requests')).toHaveLength(45);
    const { rows } = await world.db.query<{ n: number }>(
      `select count(*)::int as n from accounts.audit_log a join accounts.users u on u.id = a.target_id
       where u.username = 'stormed' and a.action = 'sign_in.failed'`,
    );
    expect(rows[0]?.n).toBe(5);
  });

  test('are forgotten by a success', async () => {
    const who = await account('clumsy');
    for (let round = 0; round < 3; round += 1) {
      await fail(4, who);
      expect((await signIn(who, PASSWORD)).status).toBe(200);
    }
    for (let i = 0; i < 20; i += 1) expect((await signIn(who, PASSWORD)).status).toBe(200);
  });

  test('of one address leave others alone, as do those at another account', async () => {
    const [who, other] = [await account('visited'), await account('neighbour')];
    await fail(5, who);
    expect(await signIn(who, PASSWORD)).toMatchObject(REFUSED);
    expect((await signIn(who, PASSWORD, ELSEWHERE)).status).toBe(200);
    expect((await signIn(other, PASSWORD)).status).toBe(200);
  });

  test('from one /64 of IPv6 are from one address, those by IPv4 and IPv4 within IPv6 too', async () => {
    const who = await account('dual');
    for (let i = 1; i <= 5; i += 1) await fail(1, who, `2001:db8:7:7::${i}`);
    expect(await signIn(who, PASSWORD, '2001:db8:7:7:ffff::1')).toMatchObject(REFUSED);
    expect((await signIn(who, PASSWORD, '2001:db8:7:8::1')).status).toBe(200);
    await fail(3, who, '198.51.100.7');
    await fail(2, who, '::ffff:198.51.100.7');
    expect(await signIn(who, PASSWORD, '::ffff:c633:6407')).toMatchObject(REFUSED);
    expect((await signIn(who, PASSWORD, '::ffff:198.51.100.8')).status).toBe(200);
  });

  test('P-LIMIT-4 at an account that does not exist are limited alike, answer by answer', async () => {
    const known = await account('existing');
    const shape = ({ status, body, headers }: Answer) => {
      const { requestId, ...error } = (body as { error: ErrorBody }).error;
      return { status, error, named: requestId !== '', retryAfter: headers['retry-after'] };
    };
    for (let i = 0; i < 8; i += 1) {
      expect(shape(await signIn({ email: 'nobody@example.com' }))).toEqual(shape(await signIn(known)));
    }
  });

  test('by address and by username are apart, so that neither tells whose the other is; the address counts in any case', async () => {
    const who = await account('twofold');
    await fail(3, who);
    await fail(2, { email: 'TWOFOLD@Example.COM' });
    expect(await signIn({ email: 'Twofold@example.com' })).toMatchObject(REFUSED);
    await fail(5, { username: 'twofold' });
    expect(await signIn({ username: 'twofold' })).toMatchObject(REFUSED);
  });

  test('spoofed headers do not make another address where no proxy is trusted', async () => {
    const who = await account('spoofed');
    const codes: unknown[] = [];
    for (let i = 0; i < 7; i += 1) {
      const headers = {
        'x-forwarded-for': `198.51.100.${i}`,
        'x-real-ip': `198.51.100.${i}`,
        forwarded: `for=10.0.0.${i}`,
      };
      const body = { ...who, password: 'not the password' };
      codes.push((await node.caller(HERE).call('signIn', { body, headers })).code);
    }
    expect(codes).toEqual([
      ...Array<string>(5).fill('invalid_credentials'),
      ...Array<string>(2).fill('too_many_requests'),
    ]);
  });

  test('at one account from many addresses have a limit as well, which one address alone does not use up', async () => {
    const own = await limited({
      sign_in: { count: 5, seconds: PERIOD },
      sign_in_account: { count: 8, seconds: PERIOD },
    });
    const who = await account('hunted');
    await fail(5, who, HERE, own);
    for (let i = 0; i < 20; i += 1) expect(await signIn(who, 'x', HERE, own)).toMatchObject(REFUSED);
    await fail(3, who, ELSEWHERE, own);
    expect(await signIn(who, PASSWORD, '203.0.113.3', own)).toMatchObject(REFUSED);
    await own.clock.advance(PERIOD * 1000);
    for (let i = 0; i < 20; i += 1) expect((await signIn(who, PASSWORD, HERE, own)).status).toBe(200);
  });

  test('from one address at many accounts have a limit as well', async () => {
    const own = await limited({ sign_in_address: { count: 4, seconds: PERIOD } });
    const who = await account('sprayed');
    for (let i = 0; i < 4; i += 1) await fail(1, { email: `spray${i}@example.com` }, HERE, own);
    expect(await signIn(who, PASSWORD, HERE, own)).toMatchObject(REFUSED);
    expect((await signIn(who, PASSWORD, ELSEWHERE, own)).status).toBe(200);
  });

  test('do not count when the server was too busy to look at them', async () => {
    const own = await limited({ sign_in: { count: 150, seconds: PERIOD } });
    const who = await account('unlucky');
    const answers = await Promise.all(Array.from({ length: 150 }, () => signIn(who, 'x', HERE, own)));
    const overloaded = answers.filter(({ code }) => code === 'overloaded').length;
    expect(overloaded).toBeGreaterThan(0);
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set(['overloaded', 'invalid_credentials']));
    expect((await signIn(who, PASSWORD, HERE, own)).status).toBe(200);
  });
});

test('accounts and guests made from one address have a limit, together', async () => {
  const own = await limited({ sign_up: { count: 3, seconds: 3600 } });
  await own.caller(HERE).signUp('first.here');
  await own.caller(HERE).signUp('second.here');
  expect((await own.caller(HERE).call('guest', { body: {} })).status).toBe(201);
  const body = { email: 'third@example.com', username: 'third.here', password: PASSWORD };
  for (const answer of [
    await own.caller(HERE).call('signUp', { body }),
    await own.caller(HERE).call('guest', { body: {} }),
  ]) {
    expect(answer).toMatchObject(REFUSED);
  }
  expect((await own.caller(ELSEWHERE).call('signUp', { body })).status).toBe(201);
});
