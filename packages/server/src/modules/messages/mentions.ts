/** Mentions: found in the text, kept in `chat.mentions`, counted as unread. */
import type { Mentions } from '@confab/protocol';
import type { RoomTx } from '../rooms/index.ts';
import type { MessageRow } from './rows.ts';
import { EVERYONE } from './unread.ts';

/** People one message may mention by name; further names are plain text. */
const MAX_NAMED = 50;

export interface Mentioned {
  usernames: readonly string[];
  everyone: 'room' | 'here' | null;
}

// After a letter it is an address; where words are written without spaces, a letter says nothing.
const NAME =
  /(?<![[\p{L}\p{N}_@.]--[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]])@([a-z0-9](?:[a-z0-9._]*[a-z0-9])?)/giv;

/** The names a text mentions: `@name` at the beginning or after something that is no part of a word, outside of code. */
export function findMentions(body: string): Mentioned {
  const plain = body.replaceAll(/```[\s\S]*?(?:```|$)|`[^`\n]*`/g, ' ');
  const names = new Set<string>();
  for (const [, name] of plain.matchAll(NAME)) {
    if (name !== undefined) names.add(name.toLowerCase());
  }
  const everyone = names.has('room') ? 'room' : names.has('here') ? 'here' : null;
  names.delete('room');
  names.delete('here');
  return { usernames: [...names].slice(0, MAX_NAMED), everyone };
}

/** Names of people it calls for, and one more where it calls for everyone. */
export function countMentions({ usernames, everyone }: Mentioned): number {
  return usernames.length + (everyone === null ? 0 : 1);
}

/** Records whom a message mentions, replacing what was recorded before. */
export async function saveMentions(tx: RoomTx, rows: readonly MessageRow[], replace: boolean): Promise<void> {
  if (replace) {
    await tx.db.query(
      'DELETE FROM chat.mentions WHERE (room_id, n) IN (SELECT * FROM unnest($1::uuid[], $2::bigint[]))',
      [rows.map((row) => row.room_id), rows.map((row) => row.n)],
    );
  }
  const entries = rows.flatMap((row) => mentionedIds(row.parts?.mentions).map((userId) => ({ row, userId })));
  if (entries.length === 0) return;
  await tx.db.query(
    `INSERT INTO chat.mentions (room_id, user_id, n, sender_id, created_at)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::timestamptz[])`,
    [
      entries.map(({ row }) => row.room_id),
      entries.map(({ userId }) => userId),
      entries.map(({ row }) => row.n),
      entries.map(({ row }) => row.sender_id),
      entries.map(({ row }) => new Date(row.created_at)),
    ],
  );
}

function mentionedIds(mentions: Mentions | undefined): string[] {
  if (mentions === undefined) return [];
  return mentions.everyone === null ? mentions.userIds : [...mentions.userIds, EVERYONE];
}
