import type { Message, PublicUser } from '@confab/protocol';
import type { RoomTx } from '../rooms/index.ts';
import { forViewer } from './rows.ts';

/**
 * Tells a room of a message's new state. Members who block its author are told in other words: the number without the
 * content, so that they miss nothing and see nothing.
 */
export async function emitMessage(
  tx: RoomTx,
  message: Message,
  user: PublicUser,
  blockers: ReadonlySet<string> | undefined,
): Promise<void> {
  const { roomId, rev } = message;
  const payload = { roomId, rev, message, user };
  if (blockers === undefined || blockers.size === 0 || message.kind === 'system') {
    return tx.emit(`room:${roomId}`, { event: 'message', payload });
  }
  const members = await tx.members([...blockers].map((userId) => ({ roomId, userId })));
  const except = members.filter((member) => member.left_at === null).map((member) => member.user_id);
  tx.emit(`room:${roomId}`, { event: 'message', payload, except });
  const veiled = { ...payload, message: forViewer(message, new Set([message.senderId])) };
  for (const userId of except) tx.emit(`user:${userId}`, { event: 'message', payload: veiled });
}
