/** Stars: ids of messages in a person's own membership, seen by nobody else. */
import { LIMITS, type MyMembership, ProtocolError } from '@confab/protocol';
import { type ChangeKind, oneByOne, presentMe, type RoomTx, saveMine } from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { demandUnblocked, type OnMessage } from './on-message.ts';
import { findMessage } from './store.ts';

/**
 * Stars or unstars for oneself, as a member of the room or follower of the thread. The same again changes nothing. Stars
 * of messages that were deleted since make room for new ones.
 */
export function starKind(deps: { blocks: Blocks }): ChangeKind<OnMessage & { on: boolean }, MyMembership> {
  return oneByOne('star', async (input, tx) => {
    const { room, member, seat } = await tx.enterAsMember(input);
    const others = member.starred.filter((id) => id !== input.messageId);
    if (!input.on) return presentMe(await saveMine(tx, room, member, { ...member, starred: others }));
    const row = await findMessage(tx.db, input.roomId, input.messageId);
    if (row.deleted_at !== null) throw new ProtocolError('message_deleted');
    await demandUnblocked(deps.blocks, input.actorId, row, seat);
    if (member.starred.includes(input.messageId)) return presentMe(member);
    const kept = others.length < LIMITS.starsPerRoom ? others : await existing(tx, room.room_id, others);
    if (kept.length >= LIMITS.starsPerRoom) throw new ProtocolError('limit_reached');
    return presentMe(await saveMine(tx, room, member, { ...member, starred: [...kept, input.messageId] }));
  });
}

// In the order of the ids.
async function existing(tx: RoomTx, roomId: string, messageIds: readonly string[]): Promise<string[]> {
  const { rows } = await tx.db.query<{ message_id: string }>(
    'SELECT message_id FROM chat.messages WHERE room_id = $1 AND message_id = ANY($2::uuid[]) AND deleted_at IS NULL',
    [roomId, messageIds],
  );
  const found = new Set(rows.map((row) => row.message_id));
  return messageIds.filter((id) => found.has(id));
}
