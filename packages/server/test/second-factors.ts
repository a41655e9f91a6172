/** People with a second factor on the accounts module. */
import type { SecondFactorNeeded, Security } from '@confab/protocol';
import { expect } from 'vitest';
import { type AccountsWorld, type Answer, type Caller, PASSWORD, startAccounts } from './accounts.ts';
import { shownCode } from './authenticator.ts';

/** How long an authenticator app shows a code. */
export const STEP_MS = 30_000;

interface Holder {
  name: string;
  userId: string;
  token: string;
  secret: string;
  recoveryCodes: string[];
}

export interface SecondFactorWorld extends AccountsWorld {
  /** What an authenticator app shows, `steps` later than now. */
  shown(secret: string, steps?: number): Promise<string>;
  /** Somebody new who signs in with a code. */
  enrol(name: string): Promise<Holder>;
  signIn(name: string, on?: Caller): Promise<Answer>;
  /** Through the first factor. */
  challengeOf(name: string, on?: Caller): Promise<string>;
  finish(challenge: string, code: string, on?: Caller): Promise<Answer>;
  security(token: string): Promise<Security>;
}

export async function startSecondFactors(): Promise<SecondFactorWorld> {
  const accounts = await startAccounts();
  const caller = accounts.caller();

  const world: SecondFactorWorld = {
    ...accounts,
    shown(secret, steps = 0) {
      return shownCode(secret, accounts.clock.now() + steps * STEP_MS);
    },
    async enrol(name) {
      const { accessToken: token, user } = await caller.signUp(name);
      const { secret } = (await caller.call('startTotp', { token })).body as { secret: string };
      const answer = await caller.call('confirmTotp', { token, body: { code: await world.shown(secret) } });
      expect(answer.status).toBe(200);
      const { recoveryCodes } = answer.body as { recoveryCodes: string[] };
      // The code that confirmed it is spent.
      await accounts.clock.advance(STEP_MS);
      return { name, userId: user.id, token, secret, recoveryCodes };
    },
    signIn(name, on = caller) {
      return on.call('signIn', { body: { username: name, password: PASSWORD, transport: 'body' } });
    },
    async challengeOf(name, on = caller) {
      const answer = await world.signIn(name, on);
      expect(Object.keys(answer.body as object)).toEqual(['secondFactor']);
      return (answer.body as SecondFactorNeeded).secondFactor.challenge;
    },
    finish(challenge, code, on = caller) {
      return on.call('secondFactor', { body: { challenge, code, transport: 'body' } });
    },
    async security(token) {
      return (await caller.call('security', { token })).body as Security;
    },
  };
  return world;
}
