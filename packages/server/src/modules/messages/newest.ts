/** What was said last, as automod would be told of it. */
import { type MemberRole, type PublicUser, type RightsKind, roleReaches, roomRole } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { JudgedMessage } from '../safety/index.ts';
import { countMentions, findMentions } from './mentions.ts';
import { isTrusted } from './screen.ts';
import type { MessageRow } from './rows.ts';
import { textOf } from './search-index.ts';

/** A message, with the room whose rights count and its author's membership there. */
export interface SaidRow extends MessageRow {
  governing_id: string;
  governing_kind: RightsKind;
  /** null: they are no member. */
  joined_at: number | null;
  member_role: MemberRole | null;
}

/** Of so many rooms at most, those where something was said last. */
const MAX_ROOMS = 200;
const NEWEST = `
  WITH places AS (
    SELECT r.room_id, g.room_id AS governing_id, g.kind AS governing_kind
    FROM chat.rooms r JOIN chat.rooms g ON g.room_id = coalesce(r.parent_room_id, r.room_id)
    WHERE r.deleted_at IS NULL AND g.deleted_at IS NULL
      AND CASE WHEN $1::uuid IS NULL THEN g.kind IN ('public', 'language') ELSE g.room_id = $1 END
      AND ($3 OR NOT EXISTS (SELECT FROM chat.lounges l WHERE l.lounge_id = g.lounge_id AND l.adults_only))
    ORDER BY r.active_at DESC LIMIT ${MAX_ROOMS}
  )
  SELECT x.*, p.governing_id, p.governing_kind, m.joined_at, m.role AS member_role
  FROM places p
  CROSS JOIN LATERAL (
    SELECT * FROM chat.messages WHERE room_id = p.room_id AND kind <> 'system' AND deleted_at IS NULL
    ORDER BY n DESC LIMIT $2
  ) x
  LEFT JOIN chat.members m ON m.room_id = p.governing_id AND m.user_id = x.sender_id AND m.left_at IS NULL
  ORDER BY x.created_at DESC, x.room_id DESC, x.n DESC LIMIT $2`;

/**
 * The newest `limit` messages that people wrote in a room and its threads, or with null in all public and language rooms
 * (the 200 where something was said last); the eldest first. Whoever calls it has made sure that they may be read.
 * @param reader without `isOfAge` what was said in lounges for adults is left out
 */
export async function newestMessages(
  db: Queryable,
  roomId: string | null,
  limit: number,
  reader: { isOfAge: boolean },
): Promise<SaidRow[]> {
  return (await db.query<SaidRow>(NEWEST, [roomId, limit, reader.isOfAge])).rows.toReversed();
}

/** What automod would have been told of it; null of those for whom no rule holds, as they moderate there. */
export function asJudged(row: SaidRow, sender: PublicUser): JudgedMessage | null {
  const { governing_id: roomId, governing_kind: kind, joined_at: joinedAt, created_at: now } = row;
  const role = roomRole(kind, row.member_role, sender.role);
  const moderates = role !== null && roleReaches('moderate', kind, role);
  if (moderates && isTrusted(kind, sender.role)) return null;
  const mentions = countMentions(findMentions(row.body));
  return { id: row.message_id, roomId, kind, sender, moderates, joinedAt, body: textOf(row), mentions, now };
}
