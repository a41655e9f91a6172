import type { Message } from '@confab/protocol';
import type { Profiles } from '../accounts/index.ts';
import type { RoomRow, RoomTx } from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { emitMessage } from './publish.ts';
import { authorsOf, type MessageRow, presentMessage } from './rows.ts';

/**
 * Gives a message a new state under the room's next rev, and tells the room. Every change of a message after its sending
 * ends here.
 */
export async function changeMessage(
  tx: RoomTx,
  room: RoomRow,
  row: MessageRow,
  change: Partial<
    Pick<MessageRow, 'body' | 'reply_to' | 'client_hash' | 'parts' | 'edited_at' | 'deleted_at' | 'hidden_at'>
  >,
  deps: { profiles: Profiles; blocks: Blocks },
): Promise<Message> {
  const [user] = await deps.profiles.publicUsers([row.sender_id]);
  if (user === undefined) throw new Error('the sender of a message has no profile');
  const next = { ...row, ...change, rev: tx.nextRev(room) };
  const time = (ms: number | null) => (ms === null ? null : new Date(ms));
  await tx.db.query(
    {
      name: 'messages.change',
      text: `UPDATE chat.messages
             SET rev = $3, body = $4, reply_to = $5, client_hash = $6, parts = $7, edited_at = $8, deleted_at = $9,
               hidden_at = $10
             WHERE room_id = $1 AND n = $2`,
    },
    [
      next.room_id,
      next.n,
      next.rev,
      next.body,
      next.reply_to,
      next.client_hash,
      next.parts === null ? null : JSON.stringify(next.parts),
      time(next.edited_at),
      time(next.deleted_at),
      time(next.hidden_at ?? null),
    ],
  );
  const message = presentMessage(next);
  await emitMessage(tx, message, user, await deps.blocks.blockersOf(authorsOf(message)));
  return message;
}
