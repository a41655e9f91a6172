/** What this module keeps about a person. */
import type { Database } from '../../platform/db/index.ts';
import { type PersonalData, rowsOf } from '../../platform/personal-data.ts';
import { statusesOf } from './statuses.ts';

export function presencePersonalData({ db }: { db: Database }): PersonalData {
  return {
    files: (userId) => [
      {
        name: 'status.json',
        rows: () =>
          rowsOf(async () =>
            [...(await statusesOf(db, [userId])).values()].map(({ mode, text, emoji, until, last_seen }) => ({
              mode,
              text,
              emoji,
              until,
              lastSeen: last_seen,
            })),
          ),
      },
    ],
    async erase(userId) {
      await db.query('DELETE FROM chat.statuses WHERE user_id = $1', [userId]);
    },
  };
}
