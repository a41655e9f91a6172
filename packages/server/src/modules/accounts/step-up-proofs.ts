/** What proves, within a session, that it is still its owner who uses it. */
import { ProtocolError, type RouteParsed, type Security } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import { CODE_LIFETIME_S } from './challenges.ts';
import type { Core } from './core.ts';
import type { Passkeys } from './passkeys.ts';
import { relyingParty } from './relying-party.ts';
import type { SecondFactors } from './second-factors.ts';
import { countTries } from './tries.ts';
import * as users from './user-rows.ts';

type Way = Security['stepUpWith'][number];
type Proof = RouteParsed<'stepUp'>['body'];

export interface StepUpProofs {
  /** What counts for this person: with a second factor that or a passkey, so that knowing the password is not enough. */
  ways(userId: string): Promise<Way[]>;
  /**
   * Answers until when the session counts as fresh (epoch ms). Wrong passwords and codes count as failed sign-ins.
   * @throws ProtocolError not_enabled, invalid_credentials, invalid_code, invalid_passkey, too_many_requests, overloaded
   */
  prove(actor: Actor, proof: Proof, ip: string): Promise<number>;
  /**
   * Mails a code that works in this session alone.
   * @throws ProtocolError not_enabled, too_many_requests
   */
  mailCode(actor: Actor): Promise<{ expiresIn: number }>;
  /** @throws ProtocolError not_enabled */
  passkeyOptions(actor: Actor): ReturnType<Passkeys['challenge']>;
}

const REFUSALS = {
  password: 'invalid_credentials',
  totp: 'invalid_code',
  email_code: 'invalid_code',
  passkey: 'invalid_passkey',
} as const satisfies Record<Way, string>;

export function createStepUpProofs(core: Core, factors: SecondFactors, passkeys: Passkeys): StepUpProofs {
  const { db, clock, config, limiter, audit, challenges, letters, passwords, stepUp } = core;

  async function ways(userId: string): Promise<Way[]> {
    const [login, hasTotp, mine] = await Promise.all([
      users.loginOf(db, userId),
      factors.enabled(userId),
      passkeys.list(userId),
    ]);
    const usable: Way[] = mine.length > 0 && relyingParty(config.baseUrl()) !== undefined ? ['passkey'] : [];
    if (hasTotp) return ['totp', ...usable];
    const mailed: Way[] = letters.enabled && login?.email && login.emailVerified ? ['email_code'] : [];
    return [...(login?.passwordHash ? (['password'] as const) : []), ...usable, ...mailed];
  }

  async function demandWay(userId: string, way: Way): Promise<void> {
    if (!(await ways(userId)).includes(way)) throw new ProtocolError('not_enabled');
  }

  /** Whether it is right; then it is used up. */
  async function isProven({ userId, sessionId }: Actor, proof: Proof, ip: string): Promise<boolean> {
    switch (proof.with) {
      case 'password': {
        const login = await users.loginOf(db, userId);
        return passwords.matches(proof.password, login?.passwordHash ?? null);
      }
      case 'totp':
        return db.transaction((tx) => factors.prove(tx, userId, proof.code));
      case 'email_code':
        return (await challenges.redeemCode('step_up_code', sessionId, proof.code)) !== undefined;
      case 'passkey':
        return (await passkeys.prove('passkey_step_up', proof.challenge, proof.response, ip)).userId === userId;
    }
  }

  return {
    ways,
    async prove(actor, proof, ip) {
      const { userId } = actor;
      await demandWay(userId, proof.with);
      const proven = await countTries(core, userId, ip, async () => (await isProven(actor, proof, ip)) || undefined);
      const about = { actorId: userId, targetId: userId, ip, details: { with: proof.with } };
      await audit.record(db, { action: proven ? 'step_up.succeeded' : 'step_up.failed', ...about });
      if (!proven) throw new ProtocolError(REFUSALS[proof.with]);
      return stepUp.proven(actor);
    },

    async mailCode({ userId, sessionId }) {
      await demandWay(userId, 'email_code');
      const login = await users.loginOf(db, userId);
      const email = login?.email;
      if (!email) throw new ProtocolError('not_enabled');
      await limiter.take('codes', email);
      await limiter.take('codes_hourly', email);
      await db.transaction(async (tx) => {
        const purpose = 'step_up_code';
        const code = await challenges.issueCode(tx, sessionId, { purpose, userId, lifetime: CODE_LIFETIME_S });
        await letters.send(tx, email, { about: purpose, code }, clock.now() + CODE_LIFETIME_S * 1000);
      });
      return { expiresIn: CODE_LIFETIME_S };
    },

    async passkeyOptions({ userId }) {
      await demandWay(userId, 'passkey');
      return passkeys.challenge('passkey_step_up', userId);
    },
  };
}
