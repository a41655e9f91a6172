/** Rows of `chat.rooms` and `chat.members`, and what they look like on the wire. */
import {
  type GuestAccess,
  type HoldFor,
  LIMITS,
  type Member,
  type MemberRole,
  type Message,
  type MyMembership,
  type NotifyLevel,
  type Room,
  type RoomKind,
} from '@confab/protocol';

export interface RoomRow {
  room_id: string;
  kind: RoomKind;
  name: string | null;
  topic: string;
  avatar: string | null;
  parent_room_id: string | null;
  parent_message_id: string | null;
  parent_n: number | null;
  member_count: number;
  created_by: string | null;
  // Of a language room.
  lounge_id: string | null;
  language: string | null;
  capacity: number | null;
  guests: GuestAccess;
  slow_mode: number;
  read_only: boolean;
  locked_at: number | null;
  hold: HoldFor[];
  raid_until: number | null;
  created_at: number;
  active_at: number;
  archived_at: number | null;
  deleted_at: number | null;
  n: number;
  rev: number;
}

export interface MemberRow {
  room_id: string;
  user_id: string;
  role: MemberRole;
  last_read_n: number;
  shares_reads: boolean;
  joined_at: number;
  left_at: number | null;
  rev: number;
  mine: number;
  notify: NotifyLevel;
  muted_until: number | null;
  favourite: boolean;
  marked_unread: boolean;
  starred: string[];
  votes: Record<string, number[]>;
  silenced_until: number | null;
  /** When they last wrote in a room with slow mode. */
  last_sent_at: number | null;
  held: Message[];
}

export function presentRoom(row: RoomRow): Room {
  return {
    id: row.room_id,
    kind: row.kind,
    name: row.name,
    topic: row.topic,
    avatar: row.avatar,
    parent:
      row.parent_room_id === null || row.parent_message_id === null || row.parent_n === null
        ? null
        : { roomId: row.parent_room_id, messageId: row.parent_message_id, n: row.parent_n },
    lounge:
      row.lounge_id === null || row.language === null || row.capacity === null
        ? null
        : { id: row.lounge_id, language: row.language, capacity: row.capacity, guests: row.guests },
    moderation: {
      slowMode: row.slow_mode,
      readOnly: row.read_only,
      lockedAt: row.locked_at,
      hold: row.hold,
      raidUntil: row.raid_until,
    },
    memberCount: row.member_count,
    createdBy: row.created_by,
    createdAt: row.created_at,
    n: row.n,
    rev: row.rev,
    archivedAt: row.archived_at,
    deletedAt: row.deleted_at,
  };
}

/** Whether a member's read mark is shown to the others: by their wish, in rooms small enough to tell each of each. */
export function showsReadMark(room: { member_count: number }, member: { shares_reads: boolean }): boolean {
  return member.shares_reads && listsMembers(room);
}

/** Whether clients are given all members, with their read marks. */
export function listsMembers(room: { member_count: number }): boolean {
  return room.member_count <= LIMITS.readReceiptMembers;
}

/** A member as the others see it. */
export function presentMember(row: MemberRow, room: { member_count: number }): Member {
  return {
    roomId: row.room_id,
    userId: row.user_id,
    role: row.role,
    lastReadN: showsReadMark(room, row) ? row.last_read_n : null,
    joinedAt: row.joined_at,
    leftAt: row.left_at,
    rev: row.rev,
  };
}

/** A membership as its owner sees it. */
export function presentMe(row: MemberRow): MyMembership {
  return {
    roomId: row.room_id,
    userId: row.user_id,
    role: row.role,
    lastReadN: row.last_read_n,
    joinedAt: row.joined_at,
    leftAt: row.left_at,
    rev: row.rev,
    mine: row.mine,
    notify: row.notify,
    mutedUntil: row.muted_until,
    favourite: row.favourite,
    markedUnread: row.marked_unread,
    starred: row.starred,
    votes: row.votes,
    silencedUntil: row.silenced_until,
    held: row.held,
  };
}
