import { ProtocolError } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Queryable } from '../../platform/db/index.ts';
import { demand, type RoomAction } from './policy.ts';
import type { MemberRow, RoomRow } from './rows.ts';

const ACCESS = {
  name: 'rooms.access',
  text: `SELECT r.*, m.role AS my_role
         FROM chat.rooms r JOIN chat.members m USING (room_id)
         WHERE r.room_id = $1 AND m.user_id = $2 AND m.left_at IS NULL AND r.deleted_at IS NULL`,
};

/**
 * The only way to a room for reading: the room, if `actor` may do `action` in it now. (Changes are authorised under the
 * room's lock, by `RoomTx.enter`.)
 * @throws ProtocolError not_found to whoever is not a member, forbidden
 */
export async function accessRoom(
  db: Queryable,
  actor: Actor,
  roomId: string,
  action: RoomAction,
): Promise<{ room: RoomRow; role: MemberRow['role'] }> {
  const { rows } = await db.query<RoomRow & { my_role: MemberRow['role'] }>(ACCESS, [roomId, actor.userId]);
  const [row] = rows;
  if (row === undefined) throw new ProtocolError('not_found');
  const { my_role: role, ...room } = row;
  demand(action, room.kind, role);
  return { room, role };
}
