/** Has automod count what is about to be said before any lock is taken: what it counts may be kept on another machine. */
import { type MemberRole, type PublicUser, type RightsKind, roomRole } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { CountedMessage, Judge } from '../safety/index.ts';
import { isExempt, moderates } from './screen.ts';

/** What somebody is about to say, in the room whose rights count. */
export type Written = Pick<CountedMessage, 'id' | 'roomId' | 'body'> & { userId: string };

// LATERAL with OFFSET 0 is one probe of the key for each.
const STANDING = {
  name: 'messages.standing',
  text: `SELECT p.room_id, p.user_id, r.kind, m.role
         FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[]) AS p (room_id, user_id)) p
         CROSS JOIN LATERAL (SELECT x.kind FROM chat.rooms x WHERE x.room_id = p.room_id OFFSET 0) r
         LEFT JOIN LATERAL (SELECT x.role FROM chat.members x
                            WHERE x.room_id = p.room_id AND x.user_id = p.user_id AND x.left_at IS NULL OFFSET 0) m ON true`,
};

interface Standing {
  room_id: string;
  user_id: string;
  kind: RightsKind;
  role: MemberRole | null;
}

/**
 * Counts what people say, as things stand now, for the rules that count. Of those who have no place in a room nothing is
 * counted. Who is refused under the lock all the same is for `Judge.takeBack`.
 */
export async function countAhead(
  db: Queryable,
  judge: Judge,
  written: readonly Written[],
  users: ReadonlyMap<string, PublicUser>,
): Promise<void> {
  const { rows } = await db.query<Standing>(STANDING, [
    written.map(({ roomId }) => roomId),
    written.map(({ userId }) => userId),
  ]);
  const standing = new Map(rows.map((row) => [`${row.room_id} ${row.user_id}`, row]));
  const counted = written.flatMap(({ id, roomId, body, userId }): CountedMessage[] => {
    const [there, sender] = [standing.get(`${roomId} ${userId}`), users.get(userId)];
    if (there === undefined || sender === undefined) return [];
    const role = roomRole(there.kind, there.role, sender.role);
    if (role === null) return [];
    const place = { rights: there.kind, role, instance: sender.role };
    return isExempt(place) ? [] : [{ id, roomId, kind: there.kind, sender, moderates: moderates(place), body }];
  });
  await judge.count(counted);
}
