import type { Ids } from '../../platform/ids.ts';
import type { Profiles } from '../accounts/index.ts';
import type { Announce } from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { emitMessage } from './publish.ts';
import { authorsOf, type MessageRow, presentMessage } from './rows.ts';
import { insertMessages } from './insert.ts';

/** Lets rooms say what happened in them: a message of kind `system` by whoever did it. */
export function announcer(deps: { ids: Ids; profiles: Profiles; blocks: Blocks }): Announce {
  return async (tx, room, event) => {
    const [user] = await deps.profiles.publicUsers([event.actorId]);
    if (user === undefined) throw new Error('who did something in a room has no profile');
    const id = deps.ids.uuid();
    const row: MessageRow = {
      room_id: room.room_id,
      message_id: id,
      n: tx.nextN(room),
      rev: tx.nextRev(room),
      sender_id: event.actorId,
      client_id: `system-${id}`,
      client_hash: null,
      kind: 'system',
      body: '',
      reply_to: null,
      parts: { system: event },
      created_at: tx.now,
      edited_at: null,
      deleted_at: null,
    };
    await insertMessages(tx, [row]);
    const message = presentMessage(row);
    await emitMessage(tx, message, user, await deps.blocks.blockersOf(authorsOf(message)));
  };
}
