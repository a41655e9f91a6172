/** Bans that are over by time: they keep nobody out any more, and are put away. */
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';

const BATCH = 500;

// That somebody was banned, and until when, stays in the audit log. Whoever is changed meanwhile is left for the next time.
const ACCOUNTS = `update accounts.users set banned_at = null, banned_until = null, ban_reason = null, updated_at = $1
                  where banned_until <= $1 and id = any(array(
                    select id from accounts.users where banned_until <= $1 limit ${BATCH} for update skip locked))
                  returning 1`;
const ADDRESSES = `delete from accounts.address_bans where until <= $1 and id = any(array(
                     select id from accounts.address_bans where until <= $1 limit ${BATCH} for update skip locked))
                   returning 1`;

export async function removeBansThatAreOver({ db, clock }: { db: Database; clock: Clock }): Promise<void> {
  for (const sql of [ACCOUNTS, ADDRESSES]) {
    while ((await db.query(sql, [new Date(clock.now())])).rows.length === BATCH);
  }
}
