/** Pins: `parts.pinned` of the message itself, for everyone in the room. */
import { LIMITS, type Message, ProtocolError } from '@confab/protocol';
import type { Profiles } from '../accounts/index.ts';
import { type Announce, type ChangeKind, oneByOne } from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { changeMessage } from './change.ts';
import { demandUnblocked, enterMessage, type OnMessage } from './on-message.ts';
import { presentMessage, withPart } from './rows.ts';

const COUNT = {
  name: 'messages.pins_count',
  text: "SELECT count(*) AS count FROM chat.messages WHERE room_id = $1 AND parts ? 'pinned'",
};

/**
 * Pins or unpins. The same again changes nothing. A pin is announced in the room. Whoever may pin may also unpin what
 * they are not shown.
 */
export function pinKind(deps: {
  profiles: Profiles;
  blocks: Blocks;
  announce: Announce;
}): ChangeKind<OnMessage & { on: boolean }, Message> {
  return oneByOne('pin', async (input, tx) => {
    const { room, seat, row } = await enterMessage(tx, input, 'pin');
    if (row.kind === 'system') throw new ProtocolError('forbidden');
    if (input.on) await demandUnblocked(deps.blocks, input.actorId, row, seat);
    if (input.on === (row.parts?.pinned !== undefined)) return presentMessage(row);
    if (input.on) {
      const { rows } = await tx.db.query<{ count: number }>(COUNT, [row.room_id]);
      if ((rows[0]?.count ?? 0) >= LIMITS.pins) throw new ProtocolError('limit_reached');
    }
    const pinned = input.on ? { at: tx.now, by: input.actorId } : undefined;
    const message = await changeMessage(tx, room, row, { parts: withPart(row.parts, 'pinned', pinned) }, deps);
    if (input.on) {
      await deps.announce(tx, room, { type: 'pinned', actorId: input.actorId, messageId: row.message_id });
    }
    return message;
  });
}
