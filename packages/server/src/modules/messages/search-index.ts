/** What a message is found by, as stored in `chat.search`. */
import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Queryable } from '../../platform/db/index.ts';
import type { RoomTx } from '../rooms/index.ts';
import type { MessageRow } from './rows.ts';
import { tokenize } from './search-text.ts';

/** Messages of a scope in one bucket: what a search reads at least, and a bound for what it reads of a common word. */
const BUCKET = 1024;
/** Characters of messages that are taken apart at a time. */
const PAUSE_AFTER = 16_000;
const LINK = /https?:\/\/\S/i;

/** Where a message is searched: the room whose rights count, and a stretch of its history. */
export interface Place {
  scopeId: string;
  bucket: number;
}

/** What the place of a room's messages depends on. */
export type Room = { room_id: string; parent_room_id: string | null; parent_n: number | null };

/** The place of message `n` of `room`. A thread lies where the message is that it hangs on. It never changes. */
export function placeOf(room: Room, n: number): Place {
  return { scopeId: room.parent_room_id ?? room.room_id, bucket: Math.floor(((room.parent_n ?? 0) + n) / BUCKET) };
}

/** What every term of a place begins with: short, as it is stored with each. Two places may share it by chance: matches are checked. */
export function tagOf({ scopeId, bucket }: Place): string {
  return hash('sha256', `${scopeId} ${bucket}`, 'base64url').slice(0, 4);
}

/** Terms beside the words, that filters look for. No token begins with `=`. */
export const FILTER_TERMS = {
  file: '=file',
  image: '=image',
  link: '=link',
  poll: '=poll',
  everyone: '=everyone',
  from: (userId: string) => `=from${short(userId)}`,
  mentions: (userId: string) => `=mentions${short(userId)}`,
} as const;

/** The `tsvector` of a message as text; null when there is nothing to find: also by matching in part, nobody learns what a hidden one says. */
export function termsOf(row: MessageRow, place: Place): string | null {
  if (row.deleted_at !== null || (row.hidden_at ?? null) !== null || row.kind === 'system') return null;
  const positions = new Map<string, number[]>();
  for (const { text, position } of tokenize(textOf(row))) {
    const known = positions.get(text);
    if (known === undefined) positions.set(text, [position]);
    else known.push(position);
  }
  if (positions.size === 0) return null;
  const tag = tagOf(place);
  const words = [...positions].map(([term, at]) => `${quote(tag + term)}:${at.join(',')}`);
  return [...words, ...filterTerms(row).map((term) => quote(tag + term))].join(' ');
}

/** A term as `tsvector` and `tsquery` read it: nothing in it is an operator. */
export function quote(term: string): string {
  return `'${term.replaceAll(/['\\]/g, '$&$&')}'`;
}

/** A message with what it is found by. */
interface Entry {
  row: MessageRow;
  place: Place;
  terms: string | null;
}

/** What these messages are found by. Others are served in between. */
export async function entriesOf(
  rows: readonly MessageRow[],
  roomOf: (roomId: string) => Room | undefined,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  let length = 0;
  for (const row of rows) {
    const room = roomOf(row.room_id);
    if (room === undefined) throw new Error('the room of a message is not known');
    const place = placeOf(room, row.n);
    entries.push({ row, place, terms: termsOf(row, place) });
    // Nobody else is served meanwhile.
    length += row.body.length;
    if (length < PAUSE_AFTER) continue;
    length = 0;
    await setImmediate();
  }
  return entries;
}

/**
 * Makes messages findable by what `entriesOf` answered: those that are deleted or have no words are found no more.
 * Idempotent. Nobody else may change the messages in the meantime.
 */
export async function saveEntries(db: Queryable, entries: readonly Entry[]): Promise<void> {
  const found = entries.flatMap(({ terms, ...entry }) => (terms === null ? [] : [{ ...entry, terms }]));
  // What was just sent was not there before.
  const gone = entries.filter(
    ({ row, terms }) => terms === null && (row.edited_at ?? row.deleted_at ?? row.hidden_at ?? null) !== null,
  );
  if (gone.length > 0) {
    await db.query('DELETE FROM chat.search WHERE (room_id, n) IN (SELECT * FROM unnest($1::uuid[], $2::bigint[]))', [
      gone.map(({ row }) => row.room_id),
      gone.map(({ row }) => row.n),
    ]);
  }
  if (found.length === 0) return;
  await db.query(SAVE, [
    found.map(({ row }) => row.room_id),
    found.map(({ row }) => row.n),
    found.map(({ place }) => place.scopeId),
    found.map(({ place }) => place.bucket),
    found.map(({ row }) => row.sender_id),
    found.map(({ row }) => new Date(row.created_at)),
    found.map(({ terms }) => terms),
  ]);
}

/** Makes changed messages findable by their new states, in the transaction that changes them. */
export async function indexChanged(tx: RoomTx, rows: readonly MessageRow[]): Promise<void> {
  await saveEntries(tx.db, await entriesOf(rows, (roomId) => tx.room(roomId)));
}

const SAVE = {
  name: 'messages.index',
  text: `INSERT INTO chat.search (room_id, n, scope_id, bucket, sender_id, created_at, terms)
         SELECT room_id, n, scope_id, bucket, sender_id, created_at, terms::tsvector
         FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::int[], $5::uuid[], $6::timestamptz[], $7::text[])
           AS s (room_id, n, scope_id, bucket, sender_id, created_at, terms)
         ON CONFLICT (room_id, n) DO UPDATE SET terms = excluded.terms`,
};

/** Everything a message says. The body of a poll is its question. */
export function textOf({ body, parts }: Pick<MessageRow, 'body' | 'parts'>): string {
  const options = parts?.poll?.options.map((option) => option.text) ?? [];
  const files = parts?.attachments?.map((file) => file.name) ?? [];
  return [body, ...options, ...files].join('\n');
}

function filterTerms({ kind, body, sender_id, parts }: MessageRow): string[] {
  const files = parts?.attachments ?? [];
  const terms = [FILTER_TERMS.from(sender_id)];
  if (files.length > 0) terms.push(FILTER_TERMS.file);
  if (files.some((file) => file.mime.startsWith('image/'))) terms.push(FILTER_TERMS.image);
  if (LINK.test(body)) terms.push(FILTER_TERMS.link);
  if (kind === 'poll') terms.push(FILTER_TERMS.poll);
  if ((parts?.mentions?.everyone ?? null) !== null) terms.push(FILTER_TERMS.everyone);
  for (const userId of parts?.mentions?.userIds ?? []) terms.push(FILTER_TERMS.mentions(userId));
  return terms;
}

// The same id in fewer characters.
function short(userId: string): string {
  return Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url');
}
