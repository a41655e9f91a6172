/** What is done to somebody in a room: each step writes, numbers and tells. Whether it may be done is the caller's part. */
import type { PublicUser } from '@confab/protocol';
import type { Announce } from './announce.ts';
import { saveMine } from './my-changes.ts';
import type { RoomTx } from './room-tx.ts';
import type { MemberRow, RoomRow } from './rows.ts';
import { takeOut } from './threads.ts';

/** A silence that only ends when it is lifted, as a time: 9999-12-31. */
export const UNTIL_LIFTED = 253_402_214_400_000;

/** Takes a present member out of the room and its threads, against their will: nobody there is told by whom. They may come back. */
export async function expel(
  tx: RoomTx,
  room: RoomRow,
  member: MemberRow,
  user: PublicUser,
  announce: Announce,
): Promise<void> {
  await takeOut(tx, room, member, user);
  await dropInvites(tx, room, user.id);
  if (room.kind === 'group')
    await announce(tx, room, { type: 'left', actorId: user.id, userId: user.id, expelled: true });
}

/** Invitations that somebody made: who was removed does not come back by a link of their own. */
export async function dropInvites(tx: RoomTx, room: RoomRow, userId: string): Promise<void> {
  await tx.db.query('DELETE FROM chat.invites WHERE room_id = $1 AND created_by = $2', [room.room_id, userId]);
}

/** Refuses somebody who is not in the room from now on, in place of an earlier ban. @param ban until: epoch ms, null for good */
export async function keepOut(
  tx: RoomTx,
  room: RoomRow,
  userId: string,
  ban: { until: number | null; reason: string; by: string },
): Promise<void> {
  await dropInvites(tx, room, userId);
  await tx.db.query(
    `INSERT INTO chat.bans (room_id, user_id, until, reason, banned_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (room_id, user_id) DO UPDATE
     SET until = excluded.until, reason = excluded.reason, banned_by = excluded.banned_by, created_at = excluded.created_at`,
    [room.room_id, userId, ban.until === null ? null : new Date(ban.until), ban.reason, ban.by, new Date(tx.now)],
  );
}

/** Ends a ban. Idempotent. */
export async function letIn(tx: RoomTx, room: RoomRow, userId: string): Promise<void> {
  await tx.db.query('DELETE FROM chat.bans WHERE room_id = $1 AND user_id = $2', [room.room_id, userId]);
}

/**
 * Lets somebody who is or was a member write again at `until` (epoch ms; null: now), in place of what held before, and tells
 * their connections. Leaving and coming back does not change it.
 */
export async function silence(tx: RoomTx, room: RoomRow, member: MemberRow, until: number | null): Promise<void> {
  if (member.left_at === null) {
    await saveMine(tx, room, member, { ...member, silenced_until: until });
    return;
  }
  // Whoever has left holds no room that could be told of it.
  await tx.db.query('UPDATE chat.members SET silenced_until = $3 WHERE room_id = $1 AND user_id = $2', [
    room.room_id,
    member.user_id,
    until === null ? null : new Date(until),
  ]);
}
