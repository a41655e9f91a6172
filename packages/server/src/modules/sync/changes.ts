/** "What changed since rev R", for many rooms at once, as current states. */
import { LIMITS, type Member, type Message, type RoomSummary } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import { forViewer, type MessageRow, presentMessage } from '../messages/index.ts';
import { type MemberRow, presentMember } from '../rooms/index.ts';
import type { Viewer } from './summaries.ts';

/** Changes a client may be behind before it is told to reload the room instead. */
const RELOAD_AFTER = 2000;

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
  text: `SELECT x.* FROM unnest($1::uuid[], $2::bigint[]) AS s (room_id, rev)
         CROSS JOIN LATERAL (SELECT * FROM chat.messages m WHERE m.room_id = s.room_id AND m.rev > s.rev
                             ORDER BY m.rev LIMIT $3) x`,
};
const MEMBERS = {
  name: 'sync.members_since',
  text: `SELECT x.* FROM unnest($1::uuid[], $2::bigint[]) AS s (room_id, rev)
         CROSS JOIN LATERAL (SELECT * FROM chat.members m WHERE m.room_id = s.room_id AND m.rev > s.rev
                             ORDER BY m.rev LIMIT $3) x`,
};

/**
 * What `viewer` must be told of each room since its `rev`. Run it in a snapshot, with summaries of the same snapshot.
 * A row that changed several times appears once, as it is now. At most `LIMITS.changesPage` states for each room: then
 * `hasMore`, and `rev` says how far they reach.
 */
export async function changesSince(
  db: Queryable,
  viewer: Viewer,
  rooms: readonly { summary: RoomSummary; since: number }[],
): Promise<RoomDelta[]> {
  const listed = rooms.filter((r) => !mustReload(r));
  const values = [listed.map((r) => r.summary.room.id), listed.map((r) => r.since), LIMITS.changesPage + 1];
  const messages = Map.groupBy((await db.query<MessageRow>(MESSAGES, values)).rows, (row) => row.room_id);
  const members = Map.groupBy((await db.query<MemberRow>(MEMBERS, values)).rows, (row) => row.room_id);
  return rooms.map((r) => {
    const { summary } = r;
    if (mustReload(r)) {
      return { summary, messages: [], members: [], rev: summary.room.rev, hasMore: false, reload: true };
    }
    const changed = [...(messages.get(summary.room.id) ?? []), ...(members.get(summary.room.id) ?? [])];
    changed.sort((a, b) => a.rev - b.rev);
    const page = changed.slice(0, LIMITS.changesPage);
    const hasMore = changed.length > page.length;
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
