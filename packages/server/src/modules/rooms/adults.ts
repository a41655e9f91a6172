/** Rooms of lounges for adults: who joins has confirmed to be one, and who is there by their office alone has to as well. */
import type { Queryable } from '../../platform/db/index.ts';

const UNCONFIRMED = {
  name: 'rooms.unconfirmed',
  text: `SELECT g.room_id AS "roomId", p.user_id AS "userId" FROM unnest($1::uuid[], $2::uuid[]) AS p (room_id, user_id)
         JOIN chat.rooms g USING (room_id) JOIN chat.lounges l USING (lounge_id)
         WHERE l.adults_only
           AND NOT EXISTS (SELECT FROM safety.age_confirmations c WHERE c.user_id = p.user_id)`,
};

/** Those of these pairs where the room is for adults, and the person has yet to confirm that they are one. */
export async function unconfirmedAt(
  db: Queryable,
  pairs: readonly { roomId: string; userId: string }[],
): Promise<{ roomId: string; userId: string }[]> {
  const values = [pairs.map(({ roomId }) => roomId), pairs.map(({ userId }) => userId)];
  return (await db.query<{ roomId: string; userId: string }>(UNCONFIRMED, values)).rows;
}
