/** Threads as rooms: their ids, and what happens to them when someone leaves the room they hang on. */
import { createHash } from 'node:crypto';
import type { PublicUser } from '@confab/protocol';
import { leave } from './membership.ts';
import type { MemberRow, RoomRow } from './rows.ts';
import type { RoomTx } from './room-tx.ts';

/** One id per message, the same whoever asks: opening a thread twice cannot make two. */
export function threadRoomId(messageId: string): string {
  return derivedId(`thread:${messageId}`);
}

/** One id per pair of people. It can be computed by anyone who knows both, and gives no access. */
export function directRoomId(a: string, b: string): string {
  return derivedId(a < b ? `direct:${a}:${b}` : `direct:${b}:${a}`);
}

/** Ends a membership. Whoever is out of a room is out of its threads. */
export async function takeOut(tx: RoomTx, room: RoomRow, member: MemberRow, user: PublicUser): Promise<void> {
  if (room.kind !== 'thread') await leaveThreads(tx, room, user);
  await leave(tx, room, member, user);
}

async function leaveThreads(tx: RoomTx, room: RoomRow, user: PublicUser): Promise<void> {
  const { rows } = await tx.db.query<{ room_id: string }>(
    `SELECT r.room_id FROM chat.rooms r JOIN chat.members m USING (room_id)
     WHERE r.parent_room_id = $1 AND m.user_id = $2 AND m.left_at IS NULL`,
    [room.room_id, user.id],
  );
  const ids = rows.map((row) => row.room_id);
  await tx.lockMore(ids);
  const members = await tx.members(ids.map((roomId) => ({ roomId, userId: user.id })));
  for (const member of members) {
    const thread = tx.room(member.room_id);
    if (thread !== undefined && member.left_at === null) await leave(tx, thread, member, user);
  }
}

/** The threads of `room`, locked. */
export async function threadsOf(tx: RoomTx, room: RoomRow): Promise<RoomRow[]> {
  const { rows } = await tx.db.query<{ room_id: string }>(
    'SELECT room_id FROM chat.rooms WHERE parent_room_id = $1 AND deleted_at IS NULL',
    [room.room_id],
  );
  await tx.lockMore(rows.map((row) => row.room_id));
  return rows.map((row) => tx.room(row.room_id)).filter((thread) => thread !== undefined);
}

// A UUIDv8 (RFC 9562, custom) over SHA-256.
function derivedId(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}
