/** What is done to rooms of others: it is recorded, and their owners are told when one is gone. */
import { type MemberRole, roleReaches } from '@confab/protocol';
import type { ModerationLog, Notices } from '../safety/index.ts';
import type { RoomAction } from './policy.ts';
import type { Entered, RoomTx } from './room-tx.ts';
import type { MemberRow, RoomRow } from './rows.ts';

/** Whether it takes an office on the whole instance: what they are in the room does not reach. */
export function isByOffice(action: RoomAction, { seat, member }: Entered): boolean {
  return member === null || !roleReaches(action, seat.rights, member.role);
}

/** Of a change of what a room shows, by office or (`actorId` null) from the command line. @param before as it was */
export async function recordChange(
  trail: ModerationLog,
  tx: RoomTx,
  before: Pick<RoomRow, 'name' | 'topic' | 'avatar' | 'archived_at'>,
  { room, actorId }: { room: RoomRow; actorId: string | null },
): Promise<void> {
  const details: Record<string, { from: unknown; to: unknown }> = {};
  for (const key of ['name', 'topic', 'avatar'] as const) {
    if (before[key] !== room[key]) details[key] = { from: before[key], to: room[key] };
  }
  const [was, is] = [before.archived_at !== null, room.archived_at !== null];
  if (was !== is) details['archived'] = { from: was, to: is };
  await trail.record(tx.db, { action: 'room.changed', actorId, roomId: room.room_id, details });
}

/** Of a role that somebody else is given, unless they have it. */
export async function recordRole(
  trail: ModerationLog,
  tx: RoomTx,
  { room_id: roomId, user_id: targetId, role: from }: MemberRow,
  { actorId, role: to }: { actorId: string; role: MemberRole },
): Promise<void> {
  if (from === to) return;
  await trail.record(tx.db, { action: 'room_role.changed', actorId, roomId, targetId, details: { from, to } });
}

/** Of a room that is deleted by office, or that others own as well. */
export async function recordDeletion(
  { trail, notices }: { trail: ModerationLog; notices: Notices },
  tx: RoomTx,
  entered: Entered,
  { actorId, reason }: { actorId: string; reason: string | null },
): Promise<void> {
  const { room_id: roomId, name, kind } = entered.room;
  const { rows } = await tx.db.query<{ user_id: string }>(
    `SELECT user_id FROM chat.members WHERE room_id = $1 AND role = 'owner' AND left_at IS NULL AND user_id <> $2
     ORDER BY joined_at, user_id`,
    [roomId, actorId],
  );
  const owners = rows.map((row) => row.user_id);
  if (owners.length === 0 && !isByOffice('deleteRoom', entered)) return;
  const details = { name, kind, owners };
  await trail.record(tx.db, { action: 'room.deleted', actorId, roomId, targetId: owners[0] ?? null, reason, details });
  for (const owner of owners) {
    const { channel, frame } = await notices.add(tx.db, owner, {
      type: 'room_deleted',
      roomId,
      roomName: name,
      reason: reason ?? '',
    });
    tx.emit(channel, frame);
  }
}
