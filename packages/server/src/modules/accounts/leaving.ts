/** Leaving: for a while, or for good. */
import { badInput } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Core } from './core.ts';
import { erasePerson } from './erase.ts';
import { demandOtherOwner } from './owners.ts';
import { reindex } from './people.ts';
import * as rows from './user-rows.ts';

/**
 * Closes the account until its owner signs in again: all sessions and tokens end, search finds them no more, what they
 * wrote stays as it is.
 * @throws ProtocolError last_owner, session_ended
 */
export async function deactivate(core: Core, actor: Actor, ip: string): Promise<void> {
  const { userId } = actor;
  const { db, clock, sessions, audit } = core;
  const ended = await db.transaction(async (tx) => {
    await demandOtherOwner(tx, userId);
    // Whom an administrator kept out a moment ago cannot open the account again by signing in.
    await sessions.demandLive(tx, actor);
    await rows.setState(tx, userId, 'deactivated', clock.now());
    await reindex(tx, userId);
    await audit.record(tx, { action: 'account.deactivated', actorId: userId, targetId: userId, ip });
    return sessions.endAll(tx, userId, 'deactivated');
  });
  sessions.announce(ended);
}

/**
 * Ends the account for good. What they wrote stays, under no name.
 * @param username one's own, to be sure
 * @throws ProtocolError bad_input when it is not, last_owner, session_ended
 */
export async function deleteAccount(core: Core, actor: Actor, username: string, ip: string): Promise<void> {
  const { userId } = actor;
  const { db, sessions, audit, letters, people } = core;
  const ended = await db.transaction(async (tx) => {
    await demandOtherOwner(tx, userId);
    await sessions.demandLive(tx, actor);
    const person = await rows.profile(tx, userId);
    if (person?.username !== username) throw badInput('username', 'is not yours');
    await audit.record(tx, { action: 'account.deleted', actorId: userId, targetId: userId, ip });
    if (person.email !== null && person.emailVerified) {
      await letters.send(tx, person.email, { about: 'account_deleted' });
    }
    return erasePerson(tx, core, userId);
  });
  sessions.announce(ended);
  people.changed(userId);
}
