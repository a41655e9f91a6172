/** Authenticator apps: their codes finish signing in, and nothing before them does. */
import { type ErrorCode, rest, type RouteName, type SecondFactorNeeded, type SignedIn } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audited, type Caller, PASSWORD, verifyAddress } from '../../../test/accounts.ts';
import { NO_LIMITS } from '../../../test/limits.ts';
import { type SecondFactorWorld, startSecondFactors, STEP_MS } from '../../../test/second-factors.ts';

let world: SecondFactorWorld;
let caller: Caller;
beforeAll(async () => {
  world = await startSecondFactors();
  caller = world.caller();
});
afterAll(() => world.close());

async function letters(name: string, about: string): Promise<number> {
  const mails = await world.mails();
  return mails.filter(({ to, subject }) => to === `${name}@example.com` && subject.includes(about)).length;
}

describe('an authenticator app', () => {
  test('counts only once a code of it was given; then signing in asks for it', async () => {
    const { accessToken: token, user } = await caller.signUp('enrolling');
    const begun = await caller.call('startTotp', { token });
    const { secret, uri } = begun.body as { secret: string; uri: string };
    expect(Buffer.byteLength(secret)).toBe(32);
    expect(uri).toMatch(/^otpauth:\/\/totp\/Confab:enrolling(?:%40|@)chat\.example\?/);
    expect(new URL(uri).searchParams.get('secret')).toBe(secret);
    expect((await world.signIn('enrolling')).body).toHaveProperty('accessToken');

    expect((await caller.call('confirmTotp', { token, body: { code: await world.shown(secret, 5) } })).code).toBe(
      'invalid_code',
    );
    expect((await world.signIn('enrolling')).body).toHaveProperty('accessToken');

    const confirmed = await caller.call('confirmTotp', { token, body: { code: await world.shown(secret) } });
    expect((confirmed.body as { recoveryCodes: string[] }).recoveryCodes).toHaveLength(10);
    expect(await world.security(token)).toMatchObject({ totp: true, recoveryCodes: 10 });
    expect(await audited(world, 'second_factor.enabled', user.id)).toBe(1);
    await world.challengeOf('enrolling');
  });

  test('its code finishes signing in, in the session the first factor began', async () => {
    const { name, secret, userId } = await world.enrol('finishing');
    const answer = await world.finish(await world.challengeOf(name), await world.shown(secret));
    const { accessToken, user } = answer.body as SignedIn;
    expect(user.id).toBe(userId);
    expect((await caller.call('profile', { token: accessToken })).status).toBe(200);
    const { rows } = await world.db.query(
      `select details from accounts.audit_log where target_id = $1 and action = 'sign_in.succeeded'`,
      [userId],
    );
    expect(rows).toEqual([{ details: { method: 'password', factors: 2 } }]);
  });

  test.each([
    [-1, undefined],
    [1, undefined],
    [-2, 'invalid_code'],
    [2, 'invalid_code'],
  ] as const)('its code of %i steps from now is answered %s', async (steps, code) => {
    const { name, secret, userId } = await world.enrol(`drifting${steps + 2}`);
    await world.db.query('update accounts.totp set last_step = 0 where user_id = $1', [userId]);
    expect((await world.finish(await world.challengeOf(name), await world.shown(secret, steps))).code).toBe(code);
  });

  test('a code works once, also under 50 tries at the same time, each with a challenge of its own', async () => {
    const { name, secret } = await world.enrol('once');
    const challenges: string[] = [];
    for (let i = 0; i < 50; i++) challenges.push(await world.challengeOf(name));
    const code = await world.shown(secret);
    const answers = await Promise.all(challenges.map((challenge) => world.finish(challenge, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter((answer) => answer.code === 'invalid_code')).toHaveLength(49);
    expect((await world.finish(await world.challengeOf(name), code)).code).toBe('invalid_code');
  });

  test('no code older than the newest one taken is accepted', async () => {
    const { name, secret } = await world.enrol('ordered');
    const older = await world.shown(secret);
    expect((await world.finish(await world.challengeOf(name), await world.shown(secret, 1))).status).toBe(200);
    expect((await world.finish(await world.challengeOf(name), older)).code).toBe('invalid_code');
  });

  test('the code that switched it on signs nobody in', async () => {
    const { accessToken: token } = await caller.signUp('spent');
    const { secret } = (await caller.call('startTotp', { token })).body as { secret: string };
    const code = await world.shown(secret);
    await caller.call('confirmTotp', { token, body: { code } });
    expect((await world.finish(await world.challengeOf('spent'), code)).code).toBe('invalid_code');
  });

  test('a challenge works once, also under tries at the same time with different right codes', async () => {
    const { name, token, secret, recoveryCodes, userId } = await world.enrol('challenged');
    const challenge = await world.challengeOf(name);
    const codes = [await world.shown(secret), ...recoveryCodes.slice(0, 4)];
    const answers = await Promise.all(codes.map((code) => world.finish(challenge, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    // The others used nothing up.
    const { rows } = await world.db.query<{ n: number }>(
      `select count(*)::int as n from accounts.sessions where user_id = $1`,
      [userId],
    );
    expect(rows[0]?.n).toBe(2);
    const { recoveryCodes: left } = await world.security(token);
    expect([9, 10]).toContain(left);
  });

  test('a challenge has 5 tries', async () => {
    const { name, secret, userId } = await world.enrol('guessing');
    const challenge = await world.challengeOf(name);
    const wrong = (await world.shown(secret)) === '000000' ? '111111' : '000000';
    for (let i = 0; i < 5; i++) expect((await world.finish(challenge, wrong)).code).toBe('invalid_code');
    expect((await world.finish(challenge, await world.shown(secret))).code).toBe('invalid_code');
    expect(await audited(world, 'second_factor.failed', userId)).toBe(5);
    expect((await world.finish(await world.challengeOf(name), await world.shown(secret))).status).toBe(200);
  });

  test('many challenges do not give many tries', async () => {
    const limits = { ...NO_LIMITS, sign_in: { count: 5, seconds: 900 } };
    const node = await world.node({ limits, clock: world.clock });
    const { name, secret } = await world.enrol('patient');
    const other = node.caller();
    const wrong = (await world.shown(secret)) === '000000' ? '111111' : '000000';
    const codes: (ErrorCode | undefined)[] = [];
    for (let i = 0; i < 7; i++)
      codes.push((await world.finish(await world.challengeOf(name, other), wrong, other)).code);
    expect(codes).toEqual([...Array<ErrorCode>(5).fill('invalid_code'), 'too_many_requests', 'too_many_requests']);
    // The right one neither, until the time is over.
    const refused = await world.finish(await world.challengeOf(name, other), await world.shown(secret), other);
    expect(refused.code).toBe('too_many_requests');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });

  test('tries from many addresses are counted at the account', async () => {
    const limits = { ...NO_LIMITS, sign_in_account: { count: 3, seconds: 900 } };
    const node = await world.node({ limits, clock: world.clock });
    const { name, secret } = await world.enrol('distributed');
    const other = node.caller();
    const wrong = (await world.shown(secret)) === '000000' ? '111111' : '000000';
    for (let i = 0; i < 3; i++) await world.finish(await world.challengeOf(name, other), wrong, other);
    expect((await world.finish(await world.challengeOf(name, other), wrong, other)).code).toBe('too_many_requests');
  });

  test('a challenge expires after 10 minutes', async () => {
    const { name, secret } = await world.enrol('slow');
    const challenge = await world.challengeOf(name);
    await world.clock.advance(10 * 60_000);
    expect((await world.finish(challenge, await world.shown(secret))).code).toBe('invalid_code');
  });

  test('the code of one person finishes no challenge of another', async () => {
    const [ada, bob] = [await world.enrol('oneperson'), await world.enrol('another')];
    expect((await world.finish(await world.challengeOf(ada.name), await world.shown(bob.secret))).code).toBe(
      'invalid_code',
    );
    expect((await world.finish(await world.challengeOf(ada.name), bob.recoveryCodes[0] ?? '')).code).toBe(
      'invalid_code',
    );
  });

  test.each(['banned', 'disabled'] as const)('who is %s after the first factor does not come in', async (what) => {
    const { name, secret, userId } = await world.enrol(`late${what}`);
    const challenge = await world.challengeOf(name);
    const set = what === 'banned' ? 'banned_at = now()' : `state = 'disabled'`;
    await world.db.query(`update accounts.users set ${set} where id = $1`, [userId]);
    expect((await world.finish(challenge, await world.shown(secret))).code).toBe(`account_${what}`);
  });

  test.each([{ code: 123456 }, { code: ['000000'] }, { code: { $ne: '' } }, { challenge: null }, { challenge: {} }])(
    '%j is no answer to a challenge',
    async (wrong) => {
      const body = { challenge: 'abc', code: '000000', transport: 'body', ...wrong };
      expect(await caller.call('secondFactor', { body })).toMatchObject({ status: 400, code: 'bad_input' });
    },
  );

  test('another one replaces it only once it is confirmed, and then the old one no longer counts', async () => {
    const { name, secret, token } = await world.enrol('replacing');
    const begun = await caller.call('startTotp', { token });
    const next = (begun.body as { secret: string }).secret;
    expect((await world.finish(await world.challengeOf(name), await world.shown(next))).code).toBe('invalid_code');
    expect((await world.finish(await world.challengeOf(name), await world.shown(secret))).status).toBe(200);
    await world.clock.advance(STEP_MS);
    expect((await caller.call('confirmTotp', { token, body: { code: await world.shown(next) } })).status).toBe(200);
    await world.clock.advance(STEP_MS);
    expect((await world.finish(await world.challengeOf(name), await world.shown(secret))).code).toBe('invalid_code');
    expect((await world.finish(await world.challengeOf(name), await world.shown(next))).status).toBe(200);
  });

  test('an enrolment that was begun counts for an hour, and is confirmed once, also at the same time', async () => {
    const { accessToken: token, refreshToken } = await caller.signUp('begun');
    const { secret } = (await caller.call('startTotp', { token })).body as { secret: string };
    const code = await world.shown(secret);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => caller.call('confirmTotp', { token, body: { code } })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const again = (await caller.call('startTotp', { token })).body as { secret: string };
    await world.clock.advance(61 * 60_000);
    const fresh = ((await caller.refresh(refreshToken)).body as SignedIn).accessToken;
    const proof = { with: 'totp', code: await world.shown(secret) };
    expect((await caller.call('stepUp', { token: fresh, body: proof })).status).toBe(200);
    const late = await caller.call('confirmTotp', { token: fresh, body: { code: await world.shown(again.secret) } });
    expect(late.code).toBe('invalid_code');
  });

  test('removed, it is asked for no longer; removing it again does nothing', async () => {
    const { name, token, userId, recoveryCodes } = await world.enrol('removing');
    const challenge = await world.challengeOf(name);
    expect((await caller.call('removeTotp', { token })).status).toBe(204);
    expect((await caller.call('removeTotp', { token })).status).toBe(204);
    expect(await audited(world, 'second_factor.disabled', userId)).toBe(1);
    expect(await world.security(token)).toMatchObject({ totp: false, recoveryCodes: 0 });
    expect((await world.finish(challenge, recoveryCodes[0] ?? '')).code).toBe('invalid_code');
    expect((await world.signIn(name)).body).toHaveProperty('accessToken');
  });

  test('its owner is told by mail at the proven address when it is switched on or off, and nobody at another', async () => {
    const { accessToken: token, user } = await caller.signUp('told');
    await verifyAddress(world, user.id);
    const { secret } = (await caller.call('startTotp', { token })).body as { secret: string };
    await caller.call('confirmTotp', { token, body: { code: await world.shown(secret) } });
    const before = await letters('told', 'Second factor switched on');
    await caller.call('removeTotp', { token });
    const after = await letters('told', 'Second factor switched off');
    const unproven = await world.enrol('untold');
    expect([before, after, await letters(unproven.name, 'Second factor')]).toEqual([1, 1, 0]);
  });

  test('neither secrets nor codes are stored or logged in the clear', async () => {
    const { name, secret, recoveryCodes } = await world.enrol('hidden');
    const code = await world.shown(secret);
    await world.finish(await world.challengeOf(name), code);
    await world.finish(await world.challengeOf(name), recoveryCodes[0] ?? '');
    const { rows } = await world.db.query<{ text: string }>(
      `select t::text as text from accounts.totp t union all select r::text from accounts.recovery_codes r
       union all select a::text from accounts.audit_log a union all select c::text from accounts.challenges c`,
    );
    const stored = rows.map((row) => row.text).join('\n');
    for (const text of [stored, world.logged()]) {
      expect(text).not.toBe('');
      for (const hidden of [secret, recoveryCodes[0] ?? '', (recoveryCodes[0] ?? '').replaceAll('-', '')]) {
        expect(text).not.toContain(hidden);
        expect(text).not.toContain(Buffer.from(hidden).toString('hex'));
      }
    }
  });
});

describe('after the first factor alone', () => {
  test('there is no token, no cookie and no session', async () => {
    const { name, userId } = await world.enrol('halfway');
    const browser = world.caller();
    const count = async () =>
      (await world.db.query('select from accounts.sessions where user_id = $1', [userId])).rows.length;
    const before = await count();
    const answer = await browser.call('signIn', { body: { username: name, password: PASSWORD } });
    const { secondFactor } = answer.body as SecondFactorNeeded;
    expect(secondFactor.expiresIn).toBe(600);
    expect(browser.cookies.size).toBe(0);
    expect(await count()).toBe(before);
    expect(await audited(world, 'sign_in.succeeded', userId)).toBe(0);
  });

  test('the challenge is neither access token nor refresh token: every route refuses it', async () => {
    const { name } = await world.enrol('refused');
    const challenge = await world.challengeOf(name);
    const routes = Object.entries(rest).filter(
      ([route, { auth }]) => auth === 'user' && route in world.accounts.routes,
    );
    expect(routes.length).toBeGreaterThan(10);
    for (const [route] of routes) {
      const answer = await caller.call(route as Exclude<RouteName, 'metrics'>, { token: challenge });
      expect([route, answer.status, answer.code]).toEqual([route, 401, 'unauthenticated']);
    }
    expect((await caller.refresh(challenge)).code).toBe('unauthenticated');
    await expect(world.accounts.authenticate(challenge)).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});
