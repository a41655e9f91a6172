/** Passwords that are forgotten, and those that are changed. */
import { ProtocolError } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { Core } from './core.ts';
import { BEGUN, claimByMail, limitMails } from './email-addresses.ts';
import { countTries } from './tries.ts';
import * as rows from './user-rows.ts';

/** Seconds a mailed link to set a password works. */
const RESET_S = 3600;

/**
 * Mails a link to set a password. For an address without an account the same is done, but that the letter says so.
 * @throws ProtocolError not_enabled, too_many_requests
 */
export async function forgotPassword(core: Core, email: string, ip: string): Promise<void> {
  const { db, clock, audit, challenges, letters } = core;
  if (!letters.enabled) throw new ProtocolError('not_enabled');
  await limitMails(core, email, ip);
  await db.transaction(async (tx) => {
    const user = await rows.userByEmail(tx, email);
    const userId = user?.id ?? null;
    const token = await challenges.issue(tx, {
      purpose: 'password_reset',
      userId,
      data: { email },
      lifetime: RESET_S,
    });
    await letters.send(
      tx,
      email,
      user === undefined ? { about: 'no_account' } : { about: 'reset_password', token },
      clock.now() + RESET_S * 1000,
    );
    await audit.record(tx, { action: 'password.reset_asked', targetId: userId, ip });
  });
}

/**
 * Uses up the link, sets the password, ends all sessions and proves the address. A second factor stays on, unless the
 * address was never proven before (`claimByMail`). A password that is refused leaves the link as it was.
 * @throws ProtocolError bad_input, invalid_link, overloaded
 */
export async function resetPassword(core: Core, token: string, password: string, ip: string): Promise<void> {
  const { db, audit, challenges, passwords, sessions } = core;
  passwords.demandUncommon(password);
  const tried = await challenges.attempt('password_reset', token);
  const email = tried?.data['email'];
  const login = tried?.userId ? await rows.loginOf(db, tried.userId) : undefined;
  if (login === undefined || typeof email !== 'string') throw new ProtocolError('invalid_link');
  passwords.demandUncommon(password, [login.username, login.email]);
  // Before the transaction: it may have to wait for its turn.
  const passwordHash = await passwords.hash(password);
  const ended = await db.transaction(async (tx) => {
    // Before the link is used up: whoever holds the lock may be about to cancel it.
    await rows.lockAddress(tx, email);
    await rows.lockStanding(tx, login.id);
    if ((await challenges.redeem(tx, 'password_reset', token)) === undefined) throw new ProtocolError('invalid_link');
    const claimed = await claimByMail(tx, core, login.id, email, ip);
    if (claimed === undefined) throw new ProtocolError('invalid_link');
    await rows.setPasswordHash(tx, login.id, passwordHash, core.clock.now());
    const { sessionIds, reason } = await sessions.endAll(tx, login.id, 'password_changed');
    await tellOfPassword(tx, core, login.id);
    await audit.record(tx, { action: 'password.reset', actorId: login.id, targetId: login.id, ip });
    return { sessionIds: [...claimed.sessionIds, ...sessionIds], reason };
  });
  sessions.announce(ended);
}

/**
 * Sets another password and ends the other sessions; API tokens end too. `current` is asked for where there is a password,
 * and wrong ones count as failed sign-ins; otherwise a step-up is. Of calls at the same time with one password, one
 * succeeds.
 * @throws ProtocolError bad_input, invalid_credentials, step_up_required, session_ended, overloaded,
 * too_many_requests
 */
export async function changePassword(
  core: Core,
  actor: Actor,
  { current, password }: { current?: string | undefined; password: string },
  ip: string,
): Promise<void> {
  const { db, clock, audit, passwords, sessions, stepUp } = core;
  const { userId, sessionId } = actor;
  const login = await rows.loginOf(db, userId);
  if (login === undefined) throw new ProtocolError('unauthenticated');
  const before = login.passwordHash;
  if (before === null) {
    await stepUp.demand(actor);
  } else {
    if (current === undefined) {
      throw new ProtocolError('bad_input', { fields: [{ field: 'current', problem: 'is required' }] });
    }
    const isRight = await countTries(
      core,
      userId,
      ip,
      async () => (await passwords.matches(current, before)) || undefined,
    );
    if (isRight === undefined) {
      await audit.record(db, { action: 'password.change_failed', actorId: userId, targetId: userId, ip });
      throw new ProtocolError('invalid_credentials');
    }
  }
  passwords.demandUncommon(password, [login.username, login.email]);
  const passwordHash = await passwords.hash(password);
  const ended = await db.transaction(async (tx) => {
    await sessions.demandLive(tx, actor);
    if (!(await rows.replacePasswordHash(tx, userId, before, passwordHash, clock.now()))) {
      throw new ProtocolError('invalid_credentials');
    }
    await tellOfPassword(tx, core, userId);
    await audit.record(tx, { action: 'password.changed', actorId: userId, targetId: userId, ip });
    return sessions.endAll(tx, userId, 'password_changed', sessionId);
  });
  sessions.announce(ended);
}

/** Ends what was begun before, and writes to the owner of the address, if that is proven. */
async function tellOfPassword(tx: Queryable, { challenges, letters }: Core, userId: string): Promise<void> {
  await challenges.cancel(tx, userId, BEGUN);
  const login = await rows.loginOf(tx, userId);
  if (login?.email && login.emailVerified) await letters.send(tx, login.email, { about: 'password_changed' });
}
