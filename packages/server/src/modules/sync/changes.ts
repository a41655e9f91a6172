/** "What changed since rev R", for many rooms at once, as current states. */
import { LIMITS, type Member, type Message, type RoomSummary } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import { forViewer, type MessageRow, presentMessage } from '../messages/index.ts';
import { type MemberRow, presentMember } from '../rooms/index.ts';
import type { Viewer } from './summaries.ts';

/** Changes a client may be behind before it is told to reload the room instead. */
const RELOAD_AFTER = 2000;
/** Characters of messages in one answer, of all rooms together; the message that reaches it is the last. */
const CHARACTERS = 1_000_000;

export interface RoomDelta {
  summary: RoomSummary;
  messages: Message[];
  members: Member[];
  rev: number;
  hasMore: boolean;
  reload: boolean;
}

// Both tables are read by their (room_id, rev) index, one page for each room.
const MESSAGES = {
  name: 'sync.messages_since',
  text: `SELECT * FROM (
           SELECT x.*, sum(x.length) OVER (ORDER BY s.place, x.rev) AS so_far
           FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS s (room_id, rev, place)
           CROSS JOIN LATERAL (SELECT m.*, length(m.body) + coalesce(length(m.parts::text), 0) AS length
                               FROM chat.messages m WHERE m.room_id = s.room_id AND m.rev > s.rev
                               ORDER BY m.rev LIMIT $3) x) y
         WHERE so_far - length < ${CHARACTERS} ORDER BY so_far`,
};
const MEMBERS = {
  name: 'sync.members_since',
  text: `SELECT x.* FROM unnest($1::uuid[], $2::bigint[]) AS s (room_id, rev)
         CROSS JOIN LATERAL (SELECT * FROM chat.members m WHERE m.room_id = s.room_id AND m.rev > s.rev
                             ORDER BY m.rev LIMIT $3) x`,
};

/**
 * What `viewer` must be told of each room since its `rev`. Run it in a snapshot, with summaries of the same snapshot.
 * A row that changed several times appears once, as it is now. At most `LIMITS.changesPage` states for each room, and some
 * million characters of all: then `hasMore`, and `rev` says how far they reach. Rooms of which nothing fits any more are left
 * out; of the first something does.
 */
export async function changesSince(
  db: Queryable,
  viewer: Viewer,
  rooms: readonly { summary: RoomSummary; since: number }[],
): Promise<RoomDelta[]> {
  const listed = rooms.filter((r) => !mustReload(r));
  const values = [listed.map((r) => r.summary.room.id), listed.map((r) => r.since), LIMITS.changesPage + 1];
  const { rows } = await db.query<MessageRow & { so_far: number }>(MESSAGES, values);
  const messages = Map.groupBy(rows, (row) => row.room_id);
  const members = Map.groupBy((await db.query<MemberRow>(MEMBERS, values)).rows, (row) => row.room_id);
  const cut = rows.find((row) => row.so_far >= CHARACTERS);
  const end = cut === undefined ? rooms.length : rooms.findIndex(({ summary }) => summary.room.id === cut.room_id) + 1;
  return rooms.slice(0, end).map((r) => {
    const { summary } = r;
    if (mustReload(r)) {
      return { summary, messages: [], members: [], rev: summary.room.rev, hasMore: false, reload: true };
    }
    const changed = [...(messages.get(summary.room.id) ?? []), ...(members.get(summary.room.id) ?? [])];
    changed.sort((a, b) => a.rev - b.rev);
    const upTo = summary.room.id === cut?.room_id ? cut.rev : summary.room.rev;
    const page = changed.filter(({ rev }) => rev <= upTo).slice(0, LIMITS.changesPage);
    const hasMore = upTo < summary.room.rev || changed.length > page.length;
    return {
      summary,
      messages: page.filter((row) => 'message_id' in row).map((row) => forViewer(presentMessage(row), viewer.blocked)),
      members: page
        .filter((row) => 'user_id' in row)
        .map((row) => presentMember(row, { member_count: summary.room.memberCount })),
      rev: hasMore ? (page.at(-1)?.rev ?? r.since) : summary.room.rev,
      hasMore,
      reload: false,
    };
  });
}

// A client ahead of the room holds what a restored database no longer knows.
function mustReload({ summary, since }: { summary: RoomSummary; since: number }): boolean {
  return summary.room.rev - since > RELOAD_AFTER || since > summary.room.rev;
}
