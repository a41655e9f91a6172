/** Saying something in a room: a message takes its number and is stored with all that it is counted by, and noted as yet to be made findable. */
import type { Jobs } from '../../platform/jobs/index.ts';
import type { RoomTx } from '../rooms/index.ts';
import type { Automod } from '../safety/index.ts';
import { insertMessages } from './insert.ts';
import { saveMentions } from './mentions.ts';
import { enqueueClosings } from './polls.ts';
import type { MessageRow } from './rows.ts';
import type { Draft } from './screening.ts';

/** Takes the room's next number for a message. */
export function number(draft: Draft, tx: RoomTx): MessageRow {
  const room = tx.room(draft.room_id);
  if (room === undefined) throw new Error('a room vanished while it was locked');
  return { ...draft, n: tx.nextN(room), rev: tx.nextRev(room), edited_at: null, deleted_at: null };
}

/** Stores new messages. That their rooms are told, and threads counted, is the caller's part. */
export async function storeMessages(
  tx: RoomTx,
  rows: readonly MessageRow[],
  { jobs, automod }: { jobs: Jobs; automod: Automod },
): Promise<void> {
  if (rows.length === 0) return;
  await insertMessages(tx, rows);
  await saveMentions(tx, rows, false);
  await enqueueClosings(tx, rows, jobs);
  const posted = rows.map((row) => ({
    roomId: tx.room(row.room_id)?.parent_room_id ?? row.room_id,
    userId: row.sender_id,
    body: row.body,
  }));
  await automod.posted(tx.db, posted);
}
