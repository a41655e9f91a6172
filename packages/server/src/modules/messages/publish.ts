import type { Message, PublicUser } from '@confab/protocol';
import type { RoomTx } from '../rooms/index.ts';
import { authorsOf, forViewer } from './rows.ts';

/**
 * Tells a room of a message's new state. Members who block someone whose words it holds are told in other words: the
 * number without the content, so that they miss nothing and see nothing.
 * @param blockersOf who blocks whom, at least for `authorsOf(message)`
 */
export async function emitMessage(
  tx: RoomTx,
  message: Message,
  user: PublicUser,
  blockersOf: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<void> {
  const { roomId, rev } = message;
  const payload = { roomId, rev, message, user };
  const authors = authorsOf(message);
  const blockers = new Set(authors.flatMap((author) => [...(blockersOf.get(author) ?? [])]));
  if (blockers.size === 0) return tx.emit(`room:${roomId}`, { event: 'message', payload });
  const members = await tx.members([...blockers].map((userId) => ({ roomId, userId })));
  const except = members.filter((member) => member.left_at === null).map((member) => member.user_id);
  tx.emit(`room:${roomId}`, { event: 'message', payload, except });
  for (const userId of except) {
    const blocked = new Set(authors.filter((author) => blockersOf.get(author)?.has(userId)));
    const veiled = { ...payload, message: forViewer(message, blocked) };
    tx.emit(`user:${userId}`, { event: 'message', payload: veiled });
  }
}
