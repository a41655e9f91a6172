/** Reading `chat.messages`. Callers have been through `accessRoom`, or hold the room's lock. */
import { ProtocolError } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { MessageRow } from './rows.ts';

export interface PageRequest {
  before?: number | undefined;
  after?: number | undefined;
  around?: number | undefined;
  /** Epoch ms. */
  date?: number | undefined;
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
const ONE = {
  name: 'messages.one',
  text: 'SELECT * FROM chat.messages WHERE room_id = $1 AND message_id = $2',
};
const AT_DATE = {
  name: 'messages.at_date',
  text: 'SELECT n FROM chat.messages WHERE room_id = $1 AND created_at >= $2 ORDER BY created_at, n LIMIT 1',
};

const EDITS = {
  name: 'messages.edits',
  text: 'SELECT body, until FROM chat.message_edits WHERE room_id = $1 AND n = $2 ORDER BY rev',
};

/** A page in ascending order of `n`. Numbers never change and have no gap, so pages are stable while messages arrive. */
export async function page(db: Queryable, roomId: string, request: PageRequest): Promise<MessageRow[]> {
  const { before, after, limit } = request;
  // Beyond the newest message there is nothing to be around: the newest page is the nearest.
  const around = request.date === undefined ? request.around : await numberAt(db, roomId, request.date);
  if (after !== undefined) return (await db.query<MessageRow>(AFTER, [roomId, after, limit])).rows;
  if (around !== undefined) {
    const half = Math.ceil(limit / 2);
    const older = await db.query<MessageRow>(BEFORE, [roomId, around + 1, half]);
    const newer = await db.query<MessageRow>(AFTER, [roomId, around, limit - half]);
    return [...older.rows.reverse(), ...newer.rows];
  }
  return (await db.query<MessageRow>(BEFORE, [roomId, before ?? Number.MAX_SAFE_INTEGER, limit])).rows.reverse();
}

/** @throws ProtocolError not_found */
export async function findMessage(db: Queryable, roomId: string, messageId: string): Promise<MessageRow> {
  const { rows } = await db.query<MessageRow>(ONE, [roomId, messageId]);
  const [row] = rows;
  if (row === undefined) throw new ProtocolError('not_found');
  return row;
}

/** What a message said before it was edited, the oldest first; `until`: epoch ms. At most `LIMITS.edits`. */
export async function earlierBodies(
  db: Queryable,
  { room_id, n }: Pick<MessageRow, 'room_id' | 'n'>,
): Promise<{ body: string; until: number }[]> {
  return (await db.query<{ body: string; until: number }>(EDITS, [room_id, n])).rows;
}

/** The number of the first message sent at `date` (epoch ms) or later; undefined after the newest. */
async function numberAt(db: Queryable, roomId: string, date: number): Promise<number | undefined> {
  const { rows } = await db.query<{ n: number }>(AT_DATE, [roomId, new Date(date)]);
  return rows[0]?.n;
}
