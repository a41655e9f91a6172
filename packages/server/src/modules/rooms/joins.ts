/** Who came when. Of somebody who left and came back the last time counts. */
import type { Queryable } from '../../platform/db/index.ts';

/** How many of those who are in a room joined after `since` (epoch ms). */
export async function countJoins(db: Queryable, roomId: string, since: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    {
      name: 'rooms.count_joins',
      text: 'SELECT count(*) AS count FROM chat.members WHERE room_id = $1 AND joined_at > $2 AND left_at IS NULL',
    },
    [roomId, new Date(since)],
  );
  return rows[0]?.count ?? 0;
}

/** Of those who are in them: when each joined one of these rooms after `since` (epoch ms), in order; `limit` at most. */
export async function joinsSince(
  db: Queryable,
  roomIds: readonly string[],
  since: number,
  limit: number,
): Promise<{ roomId: string; at: number }[]> {
  const { rows } = await db.query<{ roomId: string; at: number }>(
    `SELECT room_id AS "roomId", joined_at AS at FROM chat.members
     WHERE room_id = ANY($1::uuid[]) AND joined_at > $2 AND left_at IS NULL ORDER BY joined_at, user_id LIMIT $3`,
    [roomIds, new Date(since), limit],
  );
  return rows;
}
