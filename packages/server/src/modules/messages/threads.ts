import type { Profiles } from '../accounts/index.ts';
import type { RoomTx } from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { changeMessage } from './change.ts';
import type { MessageRow } from './rows.ts';
import { findMessage } from './store.ts';

/** Brings `thread.count` and `thread.lastAt` of the parent messages up to date with what was just said in threads. */
export async function bumpThreads(
  tx: RoomTx,
  fresh: readonly MessageRow[],
  deps: { profiles: Profiles; blocks: Blocks },
): Promise<void> {
  for (const roomId of new Set(fresh.map((row) => row.room_id))) {
    const thread = tx.room(roomId);
    const parent = thread && tx.governing(thread);
    if (thread?.kind !== 'thread' || thread.parent_message_id === null || parent === undefined) continue;
    const row = await findMessage(tx.db, parent.room_id, thread.parent_message_id);
    const part = { roomId, count: thread.n, lastAt: tx.now };
    await changeMessage(tx, parent, row, { parts: { ...row.parts, thread: part } }, deps);
  }
}
