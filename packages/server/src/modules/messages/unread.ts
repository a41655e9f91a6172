import { LIMITS } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { CountUnread, Reader, UnreadCount } from '../rooms/index.ts';
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
         FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]) WITH ORDINALITY
           AS r (room_id, user_id, mark, blocked, place)
         ${unreadLaterals({ room: 'r.room_id', reader: 'r.user_id', mark: 'r.mark', blocked: 'r.blocked' })}
         ORDER BY r.place`,
};

/** Counts for all by one query; by none when everything is read. */
export function countUnread(blocks: Blocks): CountUnread {
  return async (db, readers) => {
    const behind = readers.filter(({ room, member }) => member.last_read_n < room.n);
    const counts = new Map(behind.length === 0 ? [] : await counted(db, behind, blocks));
    return readers.map((reader) => counts.get(reader) ?? { unread: 0, mentions: 0 });
  };
}

async function counted(
  db: Queryable,
  readers: readonly Reader[],
  blocks: Blocks,
): Promise<[Reader, UnreadCount | undefined][]> {
  const blocked = await blocks.blockedBy(readers.map(({ member }) => member.user_id));
  const { rows } = await db.query<UnreadCount>(COUNT, [
    readers.map(({ member }) => member.room_id),
    readers.map(({ member }) => member.user_id),
    readers.map(({ member }) => member.last_read_n),
    // An array of arrays would have to be of one length.
    readers.map(({ member }) => `{${[...(blocked.get(member.user_id) ?? [])].join()}}`),
  ]);
  return readers.map((reader, i) => [reader, rows[i]]);
}
