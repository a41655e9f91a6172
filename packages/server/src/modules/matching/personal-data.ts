/** What this module keeps about a person. */
import type { Database } from '../../platform/db/index.ts';
import { type PersonalData, rowsOf } from '../../platform/personal-data.ts';
import { seekerOf } from './seekers.ts';

/** @param dismiss takes a person out of the queue or out of their match */
export function matchingPersonalData(db: Database, dismiss: (userId: string) => Promise<void>): PersonalData {
  return {
    files: (userId) => [
      { name: 'matching/wishes.json', rows: () => rowsOf(() => wishes(db, userId)) },
      { name: 'matching/meetings.jsonl', rows: () => rowsOf(() => meetings(db, userId)) },
    ],
    async erase(userId) {
      await dismiss(userId);
      await db.query('DELETE FROM chat.meetings WHERE low = $1 OR high = $1', [userId]);
    },
  };
}

async function wishes(db: Database, userId: string): Promise<object[]> {
  const seeker = await seekerOf(db, userId);
  if (seeker === undefined) return [];
  const { languages, interests, meetGuests, since } = seeker;
  return [{ languages, interests, meetGuests, since }];
}

// Not whom: they did not know either.
async function meetings(db: Database, userId: string): Promise<object[]> {
  const { rows } = await db.query<object>(
    `SELECT room_id AS "roomId", met_at AS "metAt" FROM chat.meetings WHERE low = $1 OR high = $1 ORDER BY met_at`,
    [userId],
  );
  return rows;
}
