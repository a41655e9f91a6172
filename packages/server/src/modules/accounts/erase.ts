/** The end of an account: what identifies a person goes, what they wrote keeps an author. */
import { z } from 'zod';
import type { Queryable } from '../../platform/db/index.ts';
import type { JobKind } from '../../platform/jobs/index.ts';
import type { Core } from './core.ts';
import type { Ended } from './sessions.ts';

/** What is shown instead of a name. */
const DELETED_NAME = 'Deleted account';
/** Characters of the id in the username: the random ones, as a time says when somebody came. */
const ID_PART = 18;

/** Everything of a person that is not their row. Their sessions go apart, API tokens with them. */
const TABLES = ['search_terms', 'passkeys', 'identities', 'totp', 'recovery_codes', 'push_devices', 'challenges'];

/**
 * By then nothing is under way any more that began before: a connection that is cut is noted as gone, on a node that died
 * only once others notice.
 */
const AGAIN_AFTER_MS = 10 * 60_000;

/** What follows for the other modules. */
const erasedJob: JobKind<{ userId: string }> = { name: 'accounts.erased', payload: z.object({ userId: z.string() }) };

/** To be called before jobs are started. */
export function handleErased({ jobs, personalData }: Pick<Core, 'jobs' | 'personalData'>): void {
  jobs.handle(erasedJob, async ({ userId }) => {
    for (const data of personalData()) await data.erase(userId);
  });
}

/**
 * Makes a person nobody, in the caller's transaction: the row keeps its id, as `deleted.<part of the id>` (usernames.ts
 * keeps these free), without anything that tells who it was, any way in, or a role; sessions, API tokens, devices and
 * search terms are removed. A job removes what other modules keep about them, and takes them out of rooms, and does so again
 * ten minutes later. Erasing again does nothing. Once that is committed, the answer goes to `sessions.announce`, and
 * `people.changed` is called. That an owner is left, and the entry in the audit log, are the caller's part.
 */
export async function erasePerson(tx: Queryable, core: Core, userId: string): Promise<Ended> {
  // First, as its lock keeps everyone from coming in meanwhile.
  await tx.query(
    `update accounts.users
     set state = 'deleted', role = 'user', username = $2, name = $3, email = null, email_verified_at = null,
       password_hash = null, guest_until = null, bio = '', languages = '{}', time_zone = null, avatar = null,
       seller = null, settings = '{}', phone = null, phone_index = null,
       banned_at = null, banned_until = null, ban_reason = null, updated_at = $4
     where id = $1 and state <> 'deleted'`,
    [userId, `deleted.${userId.replaceAll('-', '').slice(-ID_PART)}`, DELETED_NAME, new Date(core.clock.now())],
  );
  for (const table of TABLES) await tx.query(`delete from accounts.${table} where user_id = $1`, [userId]);
  await core.jobs.enqueue(tx, erasedJob, { userId });
  await core.jobs.enqueue(tx, erasedJob, { userId }, { runAt: core.clock.now() + AGAIN_AFTER_MS });
  // Removed rather than ended: they hold addresses and devices.
  const { rows } = await tx.query<{ id: string }>('delete from accounts.sessions where user_id = $1 returning id', [
    userId,
  ]);
  return { sessionIds: rows.map(({ id }) => id), reason: 'deleted', userId };
}
