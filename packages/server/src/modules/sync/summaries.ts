/** The chat list's lines, however many, in one query. */
import { LIMITS, type RoomSummary } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import { type MessageRow, presentMessage } from '../messages/index.ts';
import { type MemberRow, presentMember, presentRoom, type RoomRow } from '../rooms/index.ts';

/** Members named in a line of the chat list. */
const NAMED_MEMBERS = 8;

/** A position in the chat list: by newest activity, then by id. */
export interface ListPosition {
  activeAt: number;
  roomId: string;
}

// The two sets of columns overlap in `room_id`, `rev` and `created_at`, so members and messages come under prefixes.
type Row = RoomRow & {
  m_role: MemberRow['role'];
  m_last_read_n: number;
  m_joined_at: number;
  m_rev: number;
  l_message_id: string | null;
  l_rev: number;
  l_sender_id: string;
  l_client_id: string;
  l_kind: MessageRow['kind'];
  l_body: string;
  l_reply_to: string | null;
  l_created_at: number;
  l_edited_at: number | null;
  l_deleted_at: number | null;
  unread: number;
  member_ids: string[];
};

// `pick` chooses the rooms first, so that everything beside is only done for those.
function summariesSql(pick: string): string {
  return `
    SELECT r.*, r.m_user_id AS user_id, unread.count AS unread, named.ids AS member_ids,
           l.message_id AS l_message_id, l.rev AS l_rev, l.sender_id AS l_sender_id, l.client_id AS l_client_id,
           l.kind AS l_kind, l.body AS l_body, l.reply_to AS l_reply_to, l.created_at AS l_created_at,
           l.edited_at AS l_edited_at, l.deleted_at AS l_deleted_at
    FROM (
      SELECT r.*, m.user_id AS m_user_id, m.role AS m_role, m.last_read_n AS m_last_read_n,
             m.joined_at AS m_joined_at, m.rev AS m_rev
      FROM chat.members m JOIN chat.rooms r USING (room_id)
      WHERE m.user_id = $1 AND m.left_at IS NULL AND r.deleted_at IS NULL AND ${pick}
    ) r
    LEFT JOIN chat.messages l ON l.room_id = r.room_id AND l.n = r.n
    CROSS JOIN LATERAL (
      SELECT count(*) FROM (
        SELECT 1 FROM chat.messages x
        WHERE x.room_id = r.room_id AND x.n > r.m_last_read_n AND x.sender_id <> r.m_user_id AND x.deleted_at IS NULL
        LIMIT ${LIMITS.unreadCap}) visible) unread
    CROSS JOIN LATERAL (
      SELECT array(
        SELECT p.user_id FROM chat.members p
        WHERE p.room_id = r.room_id AND p.left_at IS NULL ORDER BY p.user_id LIMIT ${NAMED_MEMBERS}) AS ids) named
    ORDER BY r.active_at DESC, r.room_id DESC`;
}

const PAGE = {
  name: 'sync.summaries_page',
  text: summariesSql(
    `($2::timestamptz IS NULL OR (r.active_at, r.room_id) < ($2, $3::uuid)) ORDER BY r.active_at DESC, r.room_id DESC LIMIT $4`,
  ),
};
const OF_ROOMS = { name: 'sync.summaries_of', text: summariesSql('m.room_id = ANY($2::uuid[])') };

/** One page of `userId`'s chat list, newest activity first, after `from`; with the position to go on from. */
export async function summariesPage(
  db: Queryable,
  userId: string,
  from: ListPosition | null,
  limit: number,
): Promise<{ summaries: RoomSummary[]; next: ListPosition | null }> {
  const values = [userId, from === null ? null : new Date(from.activeAt), from?.roomId ?? null, limit + 1];
  const { rows } = await db.query<Row>(PAGE, values);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    summaries: rows.slice(0, limit).map((row) => present(row, userId)),
    next: last === undefined ? null : { activeAt: last.active_at, roomId: last.room_id },
  };
}

/** The lines of those of `roomIds` in which `userId` is a member. */
export async function summariesOf(db: Queryable, userId: string, roomIds: readonly string[]): Promise<RoomSummary[]> {
  if (roomIds.length === 0) return [];
  const { rows } = await db.query<Row>(OF_ROOMS, [userId, roomIds]);
  return rows.map((row) => present(row, userId));
}

function present(row: Row, userId: string): RoomSummary {
  const room = presentRoom(row);
  const me: MemberRow = {
    room_id: row.room_id,
    user_id: userId,
    role: row.m_role,
    last_read_n: row.m_last_read_n,
    joined_at: row.m_joined_at,
    left_at: null,
    rev: row.m_rev,
  };
  const lastMessage =
    row.l_message_id === null
      ? null
      : presentMessage({
          room_id: row.room_id,
          message_id: row.l_message_id,
          n: row.n,
          rev: row.l_rev,
          sender_id: row.l_sender_id,
          client_id: row.l_client_id,
          client_hash: null,
          kind: row.l_kind,
          body: row.l_body,
          reply_to: row.l_reply_to,
          created_at: row.l_created_at,
          edited_at: row.l_edited_at,
          deleted_at: row.l_deleted_at,
        });
  return { room, me: presentMember(me, row, userId), lastMessage, unread: row.unread, memberIds: row.member_ids };
}
