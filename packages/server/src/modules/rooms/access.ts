import { ProtocolError } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Queryable } from '../../platform/db/index.ts';
import { unconfirmedAt } from './adults.ts';
import { demand, type RoomAction, type Seat } from './policy.ts';
import { silencesAt } from '../safety/index.ts';
import { seatOf } from './room-tx.ts';
import type { MemberRow, RoomRow } from './rows.ts';

// `g` is the room whose rights count: of a thread the one it hangs on.
const ACCESS = {
  name: 'rooms.access',
  text: `SELECT r.*, m.role AS seat_role, m.silenced_until AS seat_silenced_until, g.kind AS seat_kind,
           g.archived_at AS seat_archived_at, g.locked_at AS seat_locked_at, g.read_only AS seat_read_only,
           g.guests AS seat_guests
         FROM chat.rooms r
         JOIN chat.rooms g ON g.room_id = coalesce(r.parent_room_id, r.room_id)
         LEFT JOIN chat.members m ON m.room_id = g.room_id AND m.user_id = $2 AND m.left_at IS NULL
         WHERE r.room_id = $1 AND r.deleted_at IS NULL AND g.deleted_at IS NULL`,
};

interface SeatColumns {
  seat_role: MemberRow['role'] | null;
  seat_silenced_until: number | null;
  seat_kind: RoomRow['kind'];
  seat_archived_at: number | null;
  seat_locked_at: number | null;
  seat_read_only: boolean;
  seat_guests: RoomRow['guests'];
}

/**
 * The only way to a room for reading: the room, if `actor` may do `action` in it at `now` (epoch ms; needed only for what
 * somebody silenced may not do). (Changes are authorised under the room's lock, by `RoomTx.enter`.)
 * @throws ProtocolError not_found to whoever is not in it, forbidden, age_confirmation_required
 */
export async function accessRoom(
  db: Queryable,
  actor: Actor,
  roomId: string,
  action: RoomAction,
  now = Number.POSITIVE_INFINITY,
): Promise<{ room: RoomRow; seat: Seat }> {
  const { rows } = await db.query<RoomRow & SeatColumns>(ACCESS, [roomId, actor.userId]);
  const [row] = rows;
  if (row === undefined) throw new ProtocolError('not_found');
  const { seat_role, seat_silenced_until, seat_kind, seat_archived_at, seat_locked_at, seat_read_only, ...rest } = row;
  const { seat_guests: guests, ...room } = rest;
  const governing = {
    kind: seat_kind,
    archived_at: seat_archived_at,
    locked_at: seat_locked_at,
    read_only: seat_read_only,
    guests,
  };
  const member = seat_role === null ? null : { role: seat_role, silenced_until: seat_silenced_until };
  const seat = seatOf(governing, member, actor.role, now);
  if (seat === null) throw new ProtocolError('not_found');
  const there = { userId: actor.userId, roomId: room.parent_room_id ?? room.room_id };
  if (member === null && governing.kind === 'language') {
    seat.unconfirmed = (await unconfirmedAt(db, [there])).length > 0;
  }
  if (seat.silenced) [seat.silence] = await silencesAt(db, [there], now);
  demand(action, seat);
  return { room, seat };
}
