/** What automod keeps about a person: where they have posted links. */
import type { Database } from '../../../platform/db/index.ts';
import { type PersonalData, rowsOf } from '../../../platform/personal-data.ts';

export function automodPersonalData(db: Database): PersonalData {
  return {
    files: (userId) => [
      {
        name: 'safety/links.jsonl',
        rows: () =>
          rowsOf(async () => {
            const sql = 'SELECT room_id AS "roomId" FROM safety.link_posters WHERE user_id = $1 ORDER BY room_id';
            return (await db.query<{ roomId: string }>(sql, [userId])).rows;
          }),
      },
    ],
    async erase(userId) {
      await db.query('DELETE FROM safety.link_posters WHERE user_id = $1', [userId]);
    },
  };
}
