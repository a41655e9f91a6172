/** Rows of `chat.rooms` and `chat.members`, and what they look like on the wire. */
import { LIMITS, type Member, type MemberRole, type Room, type RoomKind } from '@confab/protocol';

export interface RoomRow {
  room_id: string;
  kind: RoomKind;
  name: string | null;
  topic: string;
  member_count: number;
  created_by: string | null;
  created_at: number;
  active_at: number;
  deleted_at: number | null;
  n: number;
  rev: number;
}

export interface MemberRow {
  room_id: string;
  user_id: string;
  role: MemberRole;
  last_read_n: number;
  joined_at: number;
  left_at: number | null;
  rev: number;
}

export function presentRoom(row: RoomRow): Room {
  return {
    id: row.room_id,
    kind: row.kind,
    name: row.name,
    topic: row.topic,
    memberCount: row.member_count,
    createdBy: row.created_by,
    createdAt: row.created_at,
    n: row.n,
    rev: row.rev,
    deletedAt: row.deleted_at,
  };
}

/** Whether read marks are shown to the others: in rooms small enough that each may be told of each. */
export function showsReadMarks(room: { member_count: number }): boolean {
  return room.member_count <= LIMITS.readReceiptMembers;
}

/** A member as `viewerId` may see it (`null`: as everyone may). */
export function presentMember(row: MemberRow, room: { member_count: number }, viewerId: string | null): Member {
  return {
    roomId: row.room_id,
    userId: row.user_id,
    role: row.role,
    lastReadN: row.user_id === viewerId || showsReadMarks(room) ? row.last_read_n : null,
    joinedAt: row.joined_at,
    leftAt: row.left_at,
    rev: row.rev,
  };
}
