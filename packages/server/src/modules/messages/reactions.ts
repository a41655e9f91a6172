/** Reactions: `chat.reactions` has one row for each person and emoji, `parts.reactions` what everyone is shown. */
import { LIMITS, type Message, ProtocolError, type Reaction } from '@confab/protocol';
import type { Profiles } from '../accounts/index.ts';
import { type ChangeKind, oneByOne, type RoomTx } from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { changeMessage } from './change.ts';
import { demandUnblocked, enterMessage, type OnMessage } from './on-message.ts';
import { type MessageRow, presentMessage, withPart } from './rows.ts';

const EXISTING = {
  name: 'messages.reactions_existing',
  text: `SELECT count(DISTINCT emoji) AS kinds, coalesce(bool_or(emoji = $3), false) AS known,
                coalesce(bool_or(emoji = $3 AND user_id = $4), false) AS mine
         FROM chat.reactions WHERE room_id = $1 AND n = $2`,
};
const ADD = {
  name: 'messages.reactions_add',
  text: 'INSERT INTO chat.reactions (room_id, n, emoji, user_id, rev) VALUES ($1, $2, $3, $4, $5)',
};
const TAKE_BACK = {
  name: 'messages.reactions_take_back',
  text: 'DELETE FROM chat.reactions WHERE room_id = $1 AND n = $2 AND emoji = $3 AND user_id = $4',
};
const COUNTED = {
  name: 'messages.reactions_counted',
  text: `SELECT emoji, count(*) AS count,
                (array_agg(user_id ORDER BY rev))[1:${LIMITS.reactionNames}] AS "userIds"
         FROM chat.reactions WHERE room_id = $1 AND n = $2 GROUP BY emoji ORDER BY min(rev)`,
};

/**
 * Adds or takes back one person's reaction. The same again changes nothing. Emoji are shown in the order in which they
 * were first used, people in the order in which they reacted.
 */
export function reactKind(deps: {
  profiles: Profiles;
  blocks: Blocks;
}): ChangeKind<OnMessage & { emoji: string; on: boolean }, Message> {
  return oneByOne('react', async (input, tx) => {
    const { room, seat, row } = await enterMessage(tx, input, 'react');
    await demandUnblocked(deps.blocks, input.actorId, row, seat);
    const reaction = [row.room_id, row.n, input.emoji, input.actorId];
    const { rows } = await tx.db.query<{ kinds: number; known: boolean; mine: boolean }>(EXISTING, reaction);
    const { kinds, known, mine } = rows[0] ?? { kinds: 0, known: false, mine: false };
    if (mine === input.on) return presentMessage(row);
    if (input.on && !known && kinds >= LIMITS.reactionKinds) throw new ProtocolError('limit_reached');
    // The number of the change that follows.
    if (input.on) await tx.db.query(ADD, [...reaction, room.rev + 1]);
    else await tx.db.query(TAKE_BACK, reaction);
    return changeMessage(tx, room, row, { parts: withPart(row.parts, 'reactions', await counted(tx, row)) }, deps);
  });
}

async function counted(tx: RoomTx, row: MessageRow): Promise<Reaction[] | undefined> {
  const { rows } = await tx.db.query<Reaction>(COUNTED, [row.room_id, row.n]);
  return rows.length === 0 ? undefined : rows;
}
