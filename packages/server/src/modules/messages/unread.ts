import { LIMITS } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { CountUnread } from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';

/** Stands for everyone in `chat.mentions`. */
export const EVERYONE = '00000000-0000-0000-0000-000000000000';

/**
 * SQL for the two counts, as lateral subqueries `unread` and `mentioned` with one column `count` each, over a row with
 * room, reader and read mark in the given columns. What counts is the same wherever it is counted: messages of others
 * after the mark that are not deleted, not the server's own, and not by people the reader blocks.
 */
export function unreadLaterals(at: { room: string; reader: string; mark: string; blocked: string }): string {
  return `
    CROSS JOIN LATERAL (
      SELECT count(*) FROM (
        SELECT 1 FROM chat.messages x
        WHERE x.room_id = ${at.room} AND x.n > ${at.mark} AND x.sender_id <> ${at.reader} AND x.deleted_at IS NULL
          AND x.kind <> 'system' AND x.sender_id <> ALL(${at.blocked}::uuid[])
        LIMIT ${LIMITS.unreadCap}) visible) unread
    CROSS JOIN LATERAL (
      SELECT count(DISTINCT x.n) FROM chat.mentions x
      WHERE x.room_id = ${at.room} AND x.user_id IN (${at.reader}, '${EVERYONE}') AND x.n > ${at.mark}
        AND x.sender_id <> ${at.reader} AND x.sender_id <> ALL(${at.blocked}::uuid[])) mentioned`;
}

const COUNT = {
  name: 'messages.count_unread',
  text: `SELECT unread.count AS unread, mentioned.count AS mentions
         FROM (SELECT $1::uuid AS room_id, $2::uuid AS user_id, $3::bigint AS mark) r
         ${unreadLaterals({ room: 'r.room_id', reader: 'r.user_id', mark: 'r.mark', blocked: '$4' })}`,
};

/** Counts by one query; by none when everything is read. */
export function countUnread(blocks: Blocks): CountUnread {
  return async (db, room, member) => {
    if (member.last_read_n >= room.n) return { unread: 0, mentions: 0 };
    const blocked = await blocks.blockedByOne(member.user_id);
    return countWith(db, room.room_id, member.user_id, member.last_read_n, blocked);
  };
}

async function countWith(
  db: Queryable,
  roomId: string,
  userId: string,
  mark: number,
  blocked: ReadonlySet<string>,
): Promise<{ unread: number; mentions: number }> {
  const { rows } = await db.query<{ unread: number; mentions: number }>(COUNT, [roomId, userId, mark, [...blocked]]);
  return rows[0] ?? { unread: 0, mentions: 0 };
}
