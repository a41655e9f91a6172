import { ProtocolError } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Queryable } from '../../platform/db/index.ts';
import { demand, type RoomAction, type Seat } from './policy.ts';
import { seatOf } from './room-tx.ts';
import type { MemberRow, RoomRow } from './rows.ts';

// `g` is the room whose rights count: of a thread the one it hangs on.
const ACCESS = {
  name: 'rooms.access',
  text: `SELECT r.*, m.role AS seat_role, g.kind AS seat_kind, g.archived_at AS seat_archived_at
         FROM chat.rooms r
         JOIN chat.rooms g ON g.room_id = coalesce(r.parent_room_id, r.room_id)
         JOIN chat.members m ON m.room_id = g.room_id AND m.user_id = $2
         WHERE r.room_id = $1 AND m.left_at IS NULL AND r.deleted_at IS NULL AND g.deleted_at IS NULL`,
};

type Row = RoomRow & { seat_role: MemberRow['role']; seat_kind: RoomRow['kind']; seat_archived_at: number | null };

/**
 * The only way to a room for reading: the room, if `actor` may do `action` in it now. (Changes are authorised under the
 * room's lock, by `RoomTx.enter`.)
 * @throws ProtocolError not_found to whoever is not in it, forbidden
 */
export async function accessRoom(
  db: Queryable,
  actor: Actor,
  roomId: string,
  action: RoomAction,
): Promise<{ room: RoomRow; seat: Seat }> {
  const { rows } = await db.query<Row>(ACCESS, [roomId, actor.userId]);
  const [row] = rows;
  if (row === undefined) throw new ProtocolError('not_found');
  const { seat_role: role, seat_kind: kind, seat_archived_at, ...room } = row;
  const seat = seatOf({ kind, archived_at: seat_archived_at }, role);
  demand(action, seat);
  return { room, seat };
}
