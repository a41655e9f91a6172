/** Whose an address is. */
import { ProtocolError } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import { addressKey } from '../../platform/addresses.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { Purpose } from './challenges.ts';
import type { Core } from './core.ts';
import { liveSession } from './session-rows.ts';
import type { Ended } from './sessions.ts';
import * as rows from './user-rows.ts';

/** Seconds a mailed link to prove an address works. */
const VERIFICATION_S = 3 * 24 * 3600;

/** What was begun by whoever knew the password, or read the mail, of before. */
export const BEGUN: readonly Purpose[] = ['email_verification', 'password_reset', 'step_up_code', 'second_factor'];

/**
 * Mails the link that proves the address, in the caller's transaction. The owner of an address that is proven to be
 * another account's is told instead: both take the same work.
 * @param sessionId which moves the account to the address: the link works while it lives
 */
export async function mailVerification(
  tx: Queryable,
  { clock, challenges, letters }: Core,
  user: { id: string; username: string; name: string },
  email: string,
  sessionId?: string,
): Promise<void> {
  const owner = await rows.userByEmail(tx, email);
  const token = await challenges.issue(tx, {
    purpose: 'email_verification',
    userId: user.id,
    data: { email, ...(sessionId === undefined ? {} : { sessionId }) },
    lifetime: VERIFICATION_S,
  });
  const isTaken = owner?.emailVerified === true && owner.id !== user.id;
  await letters.send(
    tx,
    email,
    isTaken ? { about: 'signed_up_again' } : { about: 'verify_email', token, username: user.username, name: user.name },
    clock.now() + VERIFICATION_S * 1000,
  );
}

/**
 * Whoever acts has just shown that they read the mail of `email`. If nobody had before, the account may have been made by
 * somebody else, who waits for the owner of the address to use it: then every way in, session and token of before is
 * removed. The answer goes to `sessions.announce` once that is committed.
 * @returns undefined when the address is not, or no longer, this account's
 */
export async function claimByMail(
  tx: Queryable,
  { clock, audit, sessions }: Core,
  userId: string,
  email: string,
  ip: string,
): Promise<Ended | undefined> {
  await rows.lockAddress(tx, email);
  await rows.lockStanding(tx, userId);
  const login = await rows.loginOf(tx, userId);
  if (login?.email !== email) return undefined;
  if (login.emailVerified) return { sessionIds: [], reason: 'revoked' };
  if (!(await rows.proveEmail(tx, userId, email, clock.now()))) return undefined;
  await rows.dropWaysIn(tx, userId);
  await audit.record(tx, { action: 'email.claimed', actorId: userId, targetId: userId, ip });
  return sessions.endAll(tx, userId, 'revoked');
}

/** @throws ProtocolError invalid_link */
export async function verifyEmail(core: Core, token: string, ip: string): Promise<{ email: string }> {
  const { db, clock, audit, challenges, letters } = core;
  const tried = await challenges.attempt('email_verification', token);
  const { userId, email } = { userId: tried?.userId ?? null, email: tried?.data['email'] };
  if (userId === null || typeof email !== 'string') throw new ProtocolError('invalid_link');
  return db.transaction(async (tx) => {
    // Before the link is used up: whoever holds the lock may be about to cancel it.
    await rows.lockAddress(tx, email);
    const standing = await rows.lockStanding(tx, userId);
    const before = await rows.loginOf(tx, userId);
    if ((await challenges.redeem(tx, 'email_verification', token)) === undefined)
      throw new ProtocolError('invalid_link');
    if (standing === undefined || standing.state === 'deleted' || before === undefined) {
      throw new ProtocolError('invalid_link');
    }
    // Whoever ended the session that asked for another address, for good reason, keeps the one there is.
    const sessionId = tried?.data['sessionId'];
    if (typeof sessionId === 'string' && (await liveSession(tx, sessionId, clock.now()))?.userId !== userId) {
      throw new ProtocolError('invalid_link');
    }
    if (!(await rows.proveEmail(tx, userId, email, clock.now()))) throw new ProtocolError('invalid_link');
    // What went to the address of before leads nowhere now.
    await challenges.cancel(tx, userId, ['email_verification', 'password_reset', 'step_up_code']);
    const isNew = before.email !== email;
    if (isNew && before.email !== null && before.emailVerified) {
      await letters.send(tx, before.email, { about: 'email_changed', to: email });
    }
    const action = isNew ? 'email.changed' : 'email.verified';
    await audit.record(tx, { action, actorId: userId, targetId: userId, ip });
    return { email };
  });
}

/**
 * Mails the link again; nothing happens for an address that is proven.
 * @throws ProtocolError not_enabled without mail or an address, too_many_requests
 */
export async function sendVerification(core: Core, { userId }: Actor, ip: string): Promise<void> {
  const { db, letters } = core;
  const user = await rows.profile(db, userId);
  const email = user?.email;
  if (!letters.enabled || user === undefined || !email) throw new ProtocolError('not_enabled');
  if (user.emailVerified) return;
  await limitMails(core, email, ip);
  await db.transaction((tx) => mailVerification(tx, core, user, email));
}

/**
 * The address counts once the link that is mailed there was followed, while the session that asked for it lives; of several
 * asked for, the one asked for last. Whether
 * it is another account's is not told.
 * @throws ProtocolError not_enabled, too_many_requests, session_ended
 */
export async function changeEmail(core: Core, actor: Actor, email: string, ip: string): Promise<void> {
  const { db, audit, challenges, letters, sessions } = core;
  const { userId } = actor;
  const user = await rows.profile(db, userId);
  if (!letters.enabled || user === undefined) throw new ProtocolError('not_enabled');
  if (user.email === email && user.emailVerified) return;
  await limitMails(core, email, ip);
  await db.transaction(async (tx) => {
    await sessions.demandLive(tx, actor);
    await challenges.cancel(tx, userId, ['email_verification']);
    await mailVerification(tx, core, user, email, actor.sessionId);
    await audit.record(tx, { action: 'email.change_asked', actorId: userId, targetId: userId, ip });
  });
}

/**
 * Whether the address of a new account may be written to. Beyond the limit an hour it is not, so that nobody fills a
 * stranger's mailbox by signing up; the account is made all the same, and can ask for the link later.
 */
export async function mayGreet({ limiter }: Core, email: string): Promise<boolean> {
  try {
    await limiter.take('codes_hourly', email);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'too_many_requests') return false;
    throw error;
  }
}

/**
 * For mail that anybody can have sent to an address, their own or not: by who asks for it, then by whom it goes to.
 * @throws ProtocolError too_many_requests
 */
export async function limitMails({ limiter }: Core, email: string, ip: string): Promise<void> {
  await limiter.take('codes_address', addressKey(ip));
  await limiter.take('codes', email);
  await limiter.take('codes_hourly', email);
}
