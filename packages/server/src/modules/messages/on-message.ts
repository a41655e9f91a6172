/** The way to a message that someone wants to do something to. */
import { type ModerationAction, ProtocolError, type PublicUser, standsAbove } from '@confab/protocol';
import {
  type By,
  type ChangeInput,
  demand,
  type Entered,
  type RoomAction,
  type RoomTx,
  type Seat,
} from '../rooms/index.ts';
import type { Blocks, ModerationLog } from '../safety/index.ts';
import type { MessageRow } from './rows.ts';
import { findMessage } from './store.ts';

export interface OnMessage extends ChangeInput<string>, By {
  messageId: string;
}

/** Nobody acts on what they are not shown. @throws ProtocolError not_found, forbidden, room_archived, message_deleted */
export async function enterMessage(
  tx: RoomTx,
  input: OnMessage,
  action: RoomAction,
): Promise<Entered & { row: MessageRow }> {
  const entered = await tx.enter(input);
  const row = await findMessage(tx.db, input.roomId, input.messageId);
  demand(action, entered.seat);
  if (row.deleted_at !== null) throw new ProtocolError('message_deleted');
  if ((row.hidden_at ?? null) !== null) throw new ProtocolError('forbidden');
  return { ...entered, row };
}

/**
 * Nobody decides on words of their own, or of their equals. Who has left has no rank there any more, but for an office. Oneself
 * apart: for some seconds after an office was given, two of its readers may not agree.
 * @throws ProtocolError forbidden
 */
export async function demandRank(
  tx: RoomTx,
  { room, seat }: Entered,
  author: PublicUser,
  actorId: string,
): Promise<void> {
  const governingId = tx.governing(room)?.room_id ?? room.room_id;
  const [there] = await tx.members([{ roomId: governingId, userId: author.id }]);
  const standing = { role: there?.left_at === null ? there.role : null, instance: author.role };
  if (author.id === actorId || !standsAbove(seat.rights, seat, standing)) throw new ProtocolError('forbidden');
}

/** Keeps what was done by office to somebody else's message, under the room whose rights count: in the transaction of the act. */
export function recordAct(
  tx: RoomTx,
  trail: ModerationLog,
  { actorId, roomId, parentId }: OnMessage,
  row: MessageRow,
  act: { action: ModerationAction; reason?: string | null },
): Promise<void> {
  const about = { roomId: parentId ?? roomId, targetId: row.sender_id, messageId: row.message_id };
  return trail.record(tx.db, { ...act, actorId, ...about });
}

/**
 * Nobody acts on messages of whom they block. In a direct room a block holds both ways.
 * @throws ProtocolError blocked
 */
export async function demandUnblocked(blocks: Blocks, actorId: string, row: MessageRow, seat: Seat): Promise<void> {
  if (row.kind === 'system') return;
  const blocked =
    seat.rights === 'direct'
      ? await blocks.between(actorId, row.sender_id)
      : (await blocks.blockedByOne(actorId)).has(row.sender_id);
  if (blocked === true) throw new ProtocolError('blocked');
}
