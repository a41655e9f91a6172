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

export interface RemovalDeps {
  db: Database;
  committer: Committer;
  profiles: Profiles;
  blocks: Blocks;
}

interface Remove extends ChangeInput, By {
  user: PublicUser;
  /** Epoch ms. */
  since: number;
}

/**
 * Deletes what `user` wrote in a room, and in its threads, since `since`, and answers how many messages that were. Each batch
 * is a change of its own: what was deleted stays deleted when a later one fails. Again it finds nothing.
 */
export type RemoveMessages = (input: Omit<Remove, 'parentId'>) => Promise<number>;

/** @param demand whether the actor may, asked under the room's lock; it throws otherwise */
export function messageRemoval(
  deps: RemovalDeps,
  demand: (entered: Entered, input: By & { user: PublicUser }, tx: RoomTx) => Promise<void>,
): RemoveMessages {
  const removeBatch = oneByOne('removeMessages', async (input: Remove, tx): Promise<number> => {
    const entered = await tx.enter(input);
    await demand(entered, input, tx);
    const { rows } = await tx.db.query<MessageRow>(
      `SELECT * FROM chat.messages
       WHERE room_id = $1 AND created_at >= $2 AND sender_id = $3 AND deleted_at IS NULL AND kind <> 'system'
       ORDER BY n LIMIT $4`,
      [input.roomId, new Date(input.since), input.user.id, BATCH],
    );
    await eraseMessages(tx, entered.room, rows, deps);
    return rows.length;
  });

  return async (input) => {
    const { rows } = await deps.db.query<{ room_id: string }>(
      `SELECT room_id FROM chat.rooms r WHERE parent_room_id = $1 AND deleted_at IS NULL AND EXISTS (
         SELECT FROM chat.messages m WHERE m.room_id = r.room_id AND m.created_at >= $2 AND m.sender_id = $3)`,
      [input.roomId, new Date(input.since), input.user.id],
    );
    let removed = 0;
    for (const place of [
      { roomId: input.roomId, parentId: null },
      ...rows.map((row) => ({ roomId: row.room_id, parentId: input.roomId })),
    ]) {
      for (;;) {
        const count = await deps.committer.run(removeBatch, { ...input, ...place });
        removed += count;
        if (count < BATCH) break;
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
