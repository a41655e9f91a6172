/** Reading `chat.messages`. Callers have been through `accessRoom`, or hold the room's lock. */
import type { Queryable } from '../../platform/db/index.ts';
import type { MessageRow } from './rows.ts';

export interface PageRequest {
  before?: number | undefined;
  after?: number | undefined;
  around?: number | undefined;
  limit: number;
}

const BEFORE = {
  name: 'messages.before',
  text: 'SELECT * FROM chat.messages WHERE room_id = $1 AND n < $2 ORDER BY n DESC LIMIT $3',
};
const AFTER = {
  name: 'messages.after',
  text: 'SELECT * FROM chat.messages WHERE room_id = $1 AND n > $2 ORDER BY n LIMIT $3',
};
const UNREAD = {
  name: 'messages.unread',
  text: `SELECT count(*) AS unread FROM (
           SELECT 1 FROM chat.messages
           WHERE room_id = $1 AND sender_id <> $2 AND n > $3 AND deleted_at IS NULL LIMIT $4) visible`,
};

/** A page in ascending order of `n`. Numbers never change and have no gap, so pages are stable while messages arrive. */
export async function page(db: Queryable, roomId: string, request: PageRequest): Promise<MessageRow[]> {
  const { before, after, around, limit } = request;
  if (after !== undefined) return (await db.query<MessageRow>(AFTER, [roomId, after, limit])).rows;
  if (around !== undefined) {
    const half = Math.ceil(limit / 2);
    const older = await db.query<MessageRow>(BEFORE, [roomId, around + 1, half]);
    const newer = await db.query<MessageRow>(AFTER, [roomId, around, limit - half]);
    return [...older.rows.reverse(), ...newer.rows];
  }
  return (await db.query<MessageRow>(BEFORE, [roomId, before ?? Number.MAX_SAFE_INTEGER, limit])).rows.reverse();
}

/** Messages by others after `lastReadN` that are not deleted, counted up to `cap`. */
export async function countUnread(
  db: Queryable,
  roomId: string,
  userId: string,
  lastReadN: number,
  cap: number,
): Promise<number> {
  const { rows } = await db.query<{ unread: number }>(UNREAD, [roomId, userId, lastReadN, cap]);
  return rows[0]?.unread ?? 0;
}
