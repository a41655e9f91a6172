/** Recovery codes: the second factor of whoever has lost their authenticator app. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Caller } from '../../../test/accounts.ts';
import { type SecondFactorWorld, startSecondFactors } from '../../../test/second-factors.ts';

let world: SecondFactorWorld;
let caller: Caller;
beforeAll(async () => {
  world = await startSecondFactors();
  caller = world.caller();
});
afterAll(() => world.close());

describe('a recovery code', () => {
  test('works once, however it is typed, and the number left is told', async () => {
    const { name, token, recoveryCodes } = await world.enrol('recovering');
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const code of recoveryCodes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(?:-[0-9a-hjkmnp-tv-z]{4}){5}$/);
    const [first = '', second = ''] = recoveryCodes;
    expect(
      (await world.finish(await world.challengeOf(name), ` ${first.toUpperCase().replaceAll('-', ' ')} `)).status,
    ).toBe(200);
    expect((await world.finish(await world.challengeOf(name), first)).code).toBe('invalid_code');
    expect(
      (await world.finish(await world.challengeOf(name), second.replaceAll('0', 'O').replaceAll('1', 'l'))).status,
    ).toBe(200);
    expect((await world.security(token)).recoveryCodes).toBe(8);
  });

  test('works once under 50 tries at the same time', async () => {
    const { name, recoveryCodes } = await world.enrol('parallel');
    const challenges: string[] = [];
    for (let i = 0; i < 50; i++) challenges.push(await world.challengeOf(name));
    const answers = await Promise.all(challenges.map((challenge) => world.finish(challenge, recoveryCodes[3] ?? '')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('of the old ones none works once there are new ones', async () => {
    const { name, token, recoveryCodes } = await world.enrol('renewing');
    const answer = await caller.call('newRecoveryCodes', { token });
    const renewed = (answer.body as { recoveryCodes: string[] }).recoveryCodes;
    expect((await world.finish(await world.challengeOf(name), recoveryCodes[0] ?? '')).code).toBe('invalid_code');
    expect((await world.finish(await world.challengeOf(name), renewed[0] ?? '')).status).toBe(200);
  });

  test.each(['banned', 'disabled'] as const)('lets nobody in who is %s after the first factor', async (what) => {
    const { name, userId, recoveryCodes } = await world.enrol(`spare${what}`);
    const challenge = await world.challengeOf(name);
    const set = what === 'banned' ? 'banned_at = now()' : `state = 'disabled'`;
    await world.db.query(`update accounts.users set ${set} where id = $1`, [userId]);
    expect((await world.finish(challenge, recoveryCodes[0] ?? '')).code).toBe(`account_${what}`);
  });

  test('there is none without a second factor', async () => {
    const { accessToken: token } = await caller.signUp('without');
    expect((await caller.call('newRecoveryCodes', { token })).code).toBe('not_enabled');
  });
});
