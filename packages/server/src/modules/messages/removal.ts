/** Deleting what one person wrote in a stretch of time, a batch at a time so that a room is never locked for long. */
import type { Message, PublicUser } from '@confab/protocol';
import type { Database } from '../../platform/db/index.ts';
import type { Profiles } from '../accounts/index.ts';
import {
  type By,
  type ChangeInput,
  type Committer,
  type Entered,
  oneByOne,
  type RoomRow,
  type RoomTx,
} from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { changeMessage } from './change.ts';
import type { MessageRow } from './rows.ts';
import { indexChanged } from './search-index.ts';

/** Messages deleted under one lock. */
const BATCH = 50;

// Found without a lock, by the index of times.
const WRITTEN_SINCE = `SELECT m.room_id, m.n FROM chat.rooms r JOIN chat.messages m USING (room_id)
  WHERE (r.room_id = $1 OR r.parent_room_id = $1) AND r.deleted_at IS NULL
    AND m.created_at >= $2 AND m.sender_id = $3 AND m.deleted_at IS NULL AND m.kind <> 'system' ORDER BY m.room_id, m.n`;

export interface RemovalDeps {
  db: Database;
  committer: Committer;
  profiles: Profiles;
  blocks: Blocks;
}

interface Removal extends By {
  roomId: string;
  user: PublicUser;
  /** Epoch ms. */
  since: number;
  reason: string;
}
/** What of it is done in one transaction. */
export interface RemovalBatch extends Omit<Removal, 'roomId'> {
  /** How many messages of them it deletes. */
  count: number;
  /** Nothing was deleted before it. */
  isFirst: boolean;
}
interface RemoveBatch extends ChangeInput<string>, Omit<Removal, 'roomId'> {
  /** Numbers of messages of theirs. */
  numbers: readonly number[];
  isFirst: boolean;
}

/** Whoever removes messages, as moderation has it. */
export interface Removing {
  /** Asked under the room's lock. @throws ProtocolError forbidden when the actor may not */
  demand: (entered: Entered, by: By & { user: PublicUser }, tx: RoomTx) => Promise<void>;
  /** Of each batch that deletes something, in its transaction. */
  record: (entered: Entered, batch: RemovalBatch, tx: RoomTx) => Promise<void>;
}

/**
 * Deletes what `user` wrote in a room, and in its threads, since `since`, and answers how many messages that were. Each batch
 * is a change of its own, recorded with it: what was deleted stays deleted, and known, when a later one fails. Again it finds
 * nothing.
 */
export type RemoveMessages = (removal: Removal) => Promise<number>;

export function messageRemoval(deps: RemovalDeps, { demand, record }: Removing): RemoveMessages {
  const removeBatch = oneByOne('removeMessages', async (input: RemoveBatch, tx): Promise<number> => {
    const entered = await tx.enter(input);
    await demand(entered, input, tx);
    // Somebody may have deleted some of them meanwhile.
    const { rows } = await tx.db.query<MessageRow>(
      `SELECT * FROM chat.messages WHERE room_id = $1 AND n = ANY($2::bigint[]) AND deleted_at IS NULL ORDER BY n`,
      [input.roomId, input.numbers],
    );
    await eraseMessages(tx, entered.room, rows, deps);
    const count = rows.length;
    if (count > 0) await record(entered, { ...input, count }, tx);
    return count;
  });

  return async ({ roomId, ...removal }) => {
    const { user, since } = removal;
    // Whoever may not learns nothing of what there is.
    await deps.committer.run(removeBatch, { ...removal, roomId, parentId: null, numbers: [], isFirst: true });
    const { rows } = await deps.db.query<{ room_id: string; n: number }>(WRITTEN_SINCE, [
      roomId,
      new Date(since),
      user.id,
    ]);
    let removed = 0;
    for (const [place, messages] of Map.groupBy(rows, (row) => row.room_id)) {
      const parentId = place === roomId ? null : roomId;
      for (let i = 0; i < messages.length; i += BATCH) {
        const numbers = messages.slice(i, i + BATCH).map((row) => row.n);
        const batch = { ...removal, roomId: place, parentId, numbers, isFirst: removed === 0 };
        removed += await deps.committer.run(removeBatch, batch);
      }
    }
    return removed;
  };
}

/** Erases everything of messages of one room but their places, for everyone, and tells it. They must be as they are stored. */
export async function eraseMessages(
  tx: RoomTx,
  room: RoomRow,
  rows: readonly MessageRow[],
  deps: { profiles: Profiles; blocks: Blocks },
): Promise<Message[]> {
  if (rows.length === 0) return [];
  const erased: MessageRow[] = [];
  const messages: Message[] = [];
  for (const row of rows) {
    // The thread goes on: it is others' words.
    const parts = row.parts?.thread === undefined ? null : { thread: row.parts.thread };
    const change = { body: '', reply_to: null, client_hash: null, parts, deleted_at: tx.now };
    const message = await changeMessage(tx, room, row, change, deps);
    erased.push({ ...row, ...change, rev: message.rev });
    messages.push(message);
  }
  for (const table of ['message_edits', 'mentions', 'reactions', 'poll_votes']) {
    await tx.db.query(`DELETE FROM chat.${table} WHERE room_id = $1 AND n = ANY($2::bigint[])`, [
      room.room_id,
      rows.map((row) => row.n),
    ]);
  }
  await indexChanged(tx, erased);
  return messages;
}
