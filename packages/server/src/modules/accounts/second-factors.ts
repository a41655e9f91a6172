/** The second factor: an authenticator app (TOTP, RFC 6238), and recovery codes for whoever lost it. */
import { ProtocolError } from '@confab/protocol';
import { generateSecret, generateURI, NobleCryptoPlugin, ScureBase32Plugin, TOTP } from 'otplib';
import type { Actor } from '../../platform/actor.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { Core } from './core.ts';
import { drawRecoveryCodes, readRecoveryCode } from './recovery-codes.ts';
import * as rows from './second-factor-rows.ts';
import * as users from './user-rows.ts';

/** What every authenticator app can do: SHA-1, 6 digits, 30 seconds; one step earlier or later is accepted. */
const PERIOD_S = 30;
const totp = new TOTP({
  algorithm: 'sha1',
  digits: 6,
  period: PERIOD_S,
  crypto: new NobleCryptoPlugin(),
  base32: new ScureBase32Plugin(),
});
const ISSUER = 'Confab';
/** An enrolment that was begun and forgotten. */
const PENDING_MS = 60 * 60_000;

/** All but `prove` and `enabled` throw `session_ended` for a session that ended meanwhile. */
export interface SecondFactors {
  /** Begins an enrolment, which counts once it is confirmed within an hour. A confirmed one stays until then. */
  begin(actor: Actor): Promise<{ secret: string; uri: string }>;
  /**
   * From now on signing in asks for the second factor. Answers new recovery codes; the old ones stop working.
   * @throws ProtocolError invalid_code
   */
  confirm(actor: Actor, code: string, ip: string): Promise<string[]>;
  /** Signing in asks for it no longer. Idempotent. */
  remove(actor: Actor, ip: string): Promise<void>;
  /** @throws ProtocolError not_enabled without a second factor */
  renewRecoveryCodes(actor: Actor, ip: string): Promise<string[]>;
  /**
   * Uses up a code of the app or a recovery code, in the caller's transaction; false when it is wrong or was used. Each
   * works once, and no code of the app older than the newest one taken (RFC 6238 §5.2). Tries are counted by the caller.
   */
  prove(tx: Queryable, userId: string, code: string): Promise<boolean>;
  enabled(userId: string): Promise<boolean>;
}

export function createSecondFactors(core: Core): SecondFactors {
  const { db, clock, ids, config, keyring, audit, letters, sessions } = core;

  /** The time step a code is of. */
  async function stepOf(sealed: Buffer, userId: string, code: string): Promise<number | undefined> {
    const secret = await keyring.open(sealed, rows.totpPlace(userId));
    const epoch = Math.floor(clock.now() / 1000);
    const result = await totp.verify(code, { secret, epoch, epochTolerance: PERIOD_S });
    return result.valid ? result.timeStep : undefined;
  }

  async function issueRecoveryCodes(tx: Queryable, userId: string): Promise<string[]> {
    const codes = drawRecoveryCodes(ids);
    await rows.replaceRecoveryCodes(
      tx,
      userId,
      codes.map((code) => recoveryIndex(userId, code)),
    );
    return codes;
  }

  function recoveryIndex(userId: string, code: string): Buffer {
    return keyring.index('recovery_code', `${userId}:${readRecoveryCode(code)}`);
  }

  async function tell(tx: Queryable, userId: string, on: boolean): Promise<void> {
    const owner = await users.loginOf(tx, userId);
    if (owner?.email && owner.emailVerified) await letters.send(tx, owner.email, { about: 'second_factor', on });
  }

  return {
    async begin(actor) {
      const { userId } = actor;
      const user = await users.publicProfile(db, userId);
      if (user === undefined) throw new ProtocolError('not_found');
      const secret = generateSecret();
      await db.transaction(async (tx) => {
        await sessions.demandLive(tx, actor);
        await rows.setPendingTotp(tx, userId, keyring.seal(secret, rows.totpPlace(userId)), clock.now());
      });
      const label = `${user.username}@${new URL(config.baseUrl()).host}`;
      return { secret, uri: generateURI({ issuer: ISSUER, label, secret }) };
    },

    confirm: (actor, code, ip) =>
      db.transaction(async (tx) => {
        const { userId } = actor;
        // Whatever changes how somebody gets in takes turns.
        await sessions.demandLive(tx, actor);
        const now = clock.now();
        const pending = await rows.pendingTotp(tx, userId, now - PENDING_MS);
        const step = pending === undefined ? undefined : await stepOf(pending, userId, code);
        if (step === undefined) throw new ProtocolError('invalid_code');
        await rows.confirmTotp(tx, userId, step, now);
        await audit.record(tx, { action: 'second_factor.enabled', actorId: userId, targetId: userId, ip });
        await tell(tx, userId, true);
        return issueRecoveryCodes(tx, userId);
      }),

    remove: (actor, ip) =>
      db.transaction(async (tx) => {
        const { userId } = actor;
        await sessions.demandLive(tx, actor);
        if (!(await rows.deleteTotp(tx, userId))) return;
        await rows.replaceRecoveryCodes(tx, userId, []);
        await audit.record(tx, { action: 'second_factor.disabled', actorId: userId, targetId: userId, ip });
        await tell(tx, userId, false);
      }),

    renewRecoveryCodes: (actor, ip) =>
      db.transaction(async (tx) => {
        const { userId } = actor;
        await sessions.demandLive(tx, actor);
        if ((await rows.confirmedTotp(tx, userId)) === undefined) throw new ProtocolError('not_enabled');
        await audit.record(tx, { action: 'recovery_codes.renewed', actorId: userId, targetId: userId, ip });
        return issueRecoveryCodes(tx, userId);
      }),

    async prove(tx, userId, code) {
      await users.lockStanding(tx, userId);
      const typed = code.replaceAll(/[\s-]/g, '');
      if (!/^\d{6}$/.test(typed)) return rows.takeRecoveryCode(tx, userId, recoveryIndex(userId, typed), clock.now());
      const confirmed = await rows.confirmedTotp(tx, userId);
      const step = confirmed === undefined ? undefined : await stepOf(confirmed, userId, typed);
      return step !== undefined && (await rows.takeStep(tx, userId, step));
    },

    enabled: async (userId) => (await rows.confirmedTotp(db, userId)) !== undefined,
  };
}
