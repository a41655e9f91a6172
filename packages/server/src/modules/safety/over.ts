/** What has had its time is removed: it holds nobody back any more, and is told to nobody. */
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Task } from '../../platform/upkeep/index.ts';

const BATCH = 500;
const NOTICES_MS = 365 * 86_400_000;

// Whoever is changed meanwhile is left for the next time.
const SILENCES = `DELETE FROM safety.silences WHERE until <= $1 AND user_id = ANY(ARRAY(
                    SELECT user_id FROM safety.silences WHERE until <= $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))
                  RETURNING 1`;
const NOTICES = `DELETE FROM safety.notices WHERE notice_id = ANY(ARRAY(
                   SELECT notice_id FROM safety.notices WHERE created_at <= $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))
                 RETURNING 1`;

/** Silences that are over by time, and what people were told a year ago. */
export function safetyTasks({ db, clock }: { db: Database; clock: Clock }): Task[] {
  async function removeUpTo(sql: string, time: number): Promise<void> {
    while ((await db.query(sql, [new Date(time)])).rows.length === BATCH);
  }
  return [
    { name: 'safety.silences', everyMs: 600_000, run: () => removeUpTo(SILENCES, clock.now()) },
    { name: 'safety.notices', everyMs: 86_400_000, run: () => removeUpTo(NOTICES, clock.now() - NOTICES_MS) },
  ];
}
