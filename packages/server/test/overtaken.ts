import { expect } from 'vitest';
import type { OpenDatabase } from '../src/platform/db/database.ts';
import type { Queryable } from '../src/platform/db/index.ts';

/** The call gets as far as the account's row; `meanwhile` is committed before it goes on. */
export async function overtaken<T>(
  db: Pick<OpenDatabase, 'query' | 'transaction'>,
  userId: string,
  call: () => Promise<T>,
  meanwhile: (tx: Queryable) => Promise<unknown>,
): Promise<T> {
  let answer: Promise<T> | undefined;
  await db.transaction(async (tx) => {
    await tx.query('select from accounts.users where id = $1 for update', [userId]);
    answer = call();
    await expect
      .poll(async () => {
        const { rows } = await db.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return rows.length;
      })
      .toBeGreaterThan(0);
    await meanwhile(tx);
  });
  if (answer === undefined) throw new Error('it was not called');
  return answer;
}
