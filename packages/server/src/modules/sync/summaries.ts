/** The chat list's lines, however many, in one query. */
import { badInput, type RoomSummary } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import { forViewer, type MessageRow, presentMessage, unreadLaterals } from '../messages/index.ts';
import { type MemberRow, presentMe, presentRoom, type RoomRow } from '../rooms/index.ts';

/** Members named in a line of the chat list. */
const NAMED_MEMBERS = 8;
/** Messages of the viewer’s that wait, in one answer: after the room with which there are so many, it ends. */
const HELD = 100;

/** A position in a list of rooms: by newest activity, then by id. */
export interface ListPosition {
  activeAt: number;
  roomId: string;
}

export function formatPosition({ activeAt, roomId }: ListPosition): string {
  return `${activeAt}.${roomId}`;
}

/** @throws ProtocolError bad_input (cursor) */
export function parsePosition(cursor: string): ListPosition {
  const match = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor);
  const [, activeAt, roomId] = match ?? [];
  if (activeAt === undefined || roomId === undefined) throw badInput('cursor', 'is not a cursor of this list');
  return { activeAt: Number(activeAt), roomId };
}

/** Who looks: their id, and whom they block. */
export interface Viewer {
  userId: string;
  blocked: ReadonlySet<string>;
}

// Rooms, members and messages share names of columns, so those of the latter two come under a prefix.
const MEMBER_COLUMNS: (keyof MemberRow)[] = [
  'room_id',
  'user_id',
  'role',
  'last_read_n',
  'shares_reads',
  'joined_at',
  'left_at',
  'rev',
  'mine',
  'notify',
  'muted_until',
  'favourite',
  'marked_unread',
  'starred',
  'votes',
  'silenced_until',
  'last_sent_at',
  'held',
];
const MESSAGE_COLUMNS: (keyof MessageRow)[] = [
  'room_id',
  'message_id',
  'n',
  'rev',
  'sender_id',
  'client_id',
  'client_hash',
  'kind',
  'body',
  'reply_to',
  'parts',
  'created_at',
  'edited_at',
  'deleted_at',
  'hidden_at',
];
const prefixed = (table: string, columns: readonly string[]) =>
  columns.map((column) => `${table}.${column} AS ${table}_${column}`).join(', ');

type Row = RoomRow & Record<string, unknown> & { unread: number; mentions: number; named: string[]; picked: number };

// $1 is the viewer, $2 whom they block. `pick` chooses the rooms first, so that the rest is only done for those.
function summariesSql(pick: string): string {
  return `
    SELECT r.*, unread.count AS unread, mentioned.count AS mentions, ${prefixed('l', MESSAGE_COLUMNS)},
           ARRAY(SELECT p.user_id FROM chat.members p
                 WHERE p.room_id = r.room_id AND (p.left_at IS NULL OR r.kind = 'match') ORDER BY p.user_id LIMIT ${NAMED_MEMBERS}) AS named
    FROM (
      SELECT p.*, (count(*) OVER ())::int AS picked,
             sum(jsonb_array_length(p.m_held)) OVER (ORDER BY p.active_at DESC, p.room_id DESC
                                                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS held_before
      FROM (
        SELECT r.*, ${prefixed('m', MEMBER_COLUMNS)}
        FROM chat.members m JOIN chat.rooms r USING (room_id)
        WHERE m.user_id = $1 AND m.left_at IS NULL AND r.deleted_at IS NULL AND ${pick}
      ) p
    ) r
    LEFT JOIN chat.messages l ON l.room_id = r.room_id AND l.n = r.n
    ${unreadLaterals({ room: 'r.room_id', reader: 'r.m_user_id', mark: 'r.m_last_read_n', blocked: '$2' })}
    WHERE coalesce(r.held_before, 0) < ${HELD}
    ORDER BY r.active_at DESC, r.room_id DESC`;
}

const page = (kinds: string) =>
  summariesSql(`${kinds} AND ($3::timestamptz IS NULL OR (r.active_at, r.room_id) < ($3, $4::uuid))
                ORDER BY r.active_at DESC, r.room_id DESC LIMIT $5`);
const PAGES = {
  rooms: { name: 'sync.rooms_page', text: page("r.kind <> 'thread'") },
  threads: { name: 'sync.threads_page', text: page("r.kind = 'thread'") },
};
const OF_ROOMS = { name: 'sync.summaries_of', text: summariesSql('m.room_id = ANY($3::uuid[])') };

/**
 * One page of the viewer's rooms or threads, newest activity first, after `from`; with the position to go on from. Shorter than
 * `limit` where many messages of theirs wait in them.
 */
export async function summariesPage(
  db: Queryable,
  viewer: Viewer,
  list: keyof typeof PAGES,
  from: ListPosition | null,
  limit: number,
): Promise<{ summaries: RoomSummary[]; next: ListPosition | null }> {
  const position = [from === null ? null : new Date(from.activeAt), from?.roomId ?? null];
  const { rows } = await db.query<Row>(PAGES[list], [viewer.userId, [...viewer.blocked], ...position, limit + 1]);
  const shown = rows.slice(0, limit);
  const last = (rows[0]?.picked ?? 0) > shown.length ? shown.at(-1) : undefined;
  return {
    summaries: shown.map((row) => present(row, viewer)),
    next: last === undefined ? null : { activeAt: last.active_at, roomId: last.room_id },
  };
}

/** The lines of those of `roomIds` in which the viewer is a member; not of all where many messages of theirs wait in them. */
export async function summariesOf(db: Queryable, viewer: Viewer, roomIds: readonly string[]): Promise<RoomSummary[]> {
  if (roomIds.length === 0) return [];
  const { rows } = await db.query<Row>(OF_ROOMS, [viewer.userId, [...viewer.blocked], roomIds]);
  return rows.map((row) => present(row, viewer));
}

function present(row: Row, viewer: Viewer): RoomSummary {
  const last = row['l_message_id'] === null ? null : (unprefixed('l', MESSAGE_COLUMNS, row) as unknown as MessageRow);
  return {
    room: presentRoom(row),
    me: presentMe(unprefixed('m', MEMBER_COLUMNS, row) as unknown as MemberRow),
    lastMessage: last && forViewer(presentMessage(last), viewer.blocked),
    unread: row.unread,
    mentions: row.mentions,
    memberIds: row.named,
  };
}

function unprefixed(table: string, columns: readonly string[], row: Row): Record<string, unknown> {
  return Object.fromEntries(columns.map((column) => [column, row[`${table}_${column}`]]));
}
