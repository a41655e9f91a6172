/** What moderation does to a message that was reported, within changes of its own. */
import type { Profiles } from '../accounts/index.ts';
import type { RoomRow, RoomTx } from '../rooms/index.ts';
import type { Blocks, Notices } from '../safety/index.ts';
import { changeMessage } from './change.ts';
import { eraseMessages } from './removal.ts';
import type { MessageRow } from './rows.ts';
import { indexChanged } from './search-index.ts';

type Deps = { profiles: Profiles; blocks: Blocks };

/**
 * Hides a message from everyone and from search, or shows it again: its number and what it counts by stay, and the room is
 * told of its new state. Idempotent; what is deleted stays so.
 */
export async function setHidden(
  tx: RoomTx,
  room: RoomRow,
  row: MessageRow,
  hidden: boolean,
  deps: Deps,
): Promise<void> {
  if (row.deleted_at !== null || hidden === ((row.hidden_at ?? null) !== null)) return;
  const change = { hidden_at: hidden ? tx.now : null };
  const { rev } = await changeMessage(tx, room, row, change, deps);
  await indexChanged(tx, [{ ...row, ...change, rev }]);
}

/** Deletes a message for everyone, as its author could. Idempotent. */
export async function removeMessage(tx: RoomTx, room: RoomRow, row: MessageRow, deps: Deps): Promise<void> {
  if (row.deleted_at === null) await eraseMessages(tx, room, [row], deps);
}

/** Tells the author of a message what was done to it, and why where that is known. */
export async function tellAuthor(
  tx: RoomTx,
  room: RoomRow,
  row: MessageRow,
  { type, reason }: { type: 'messages_removed' | 'message_hidden' | 'message_shown'; reason: string | null },
  { notices }: { notices: Notices },
): Promise<void> {
  const governing = tx.governing(room) ?? room;
  const about = { roomId: governing.room_id, roomName: governing.name, reason: reason ?? '' };
  const { channel, frame } = await notices.add(tx.db, row.sender_id, { type, ...about });
  tx.emit(channel, frame);
}
