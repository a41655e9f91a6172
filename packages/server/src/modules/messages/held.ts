/** What becomes of a held message, as the committer runs it: approved, rejected, or taken back by its author. */
import { type Message, ProtocolError, type PublicUser } from '@confab/protocol';
import type { Jobs } from '../../platform/jobs/index.ts';
import type { Profiles } from '../accounts/index.ts';
import {
  type ChangeInput,
  type ChangeKind,
  demand,
  type Entered,
  join,
  oneByOne,
  type RoomRow,
  type RoomTx,
  wasPresent,
} from '../rooms/index.ts';
import type { Automod, Blocks, ModerationLog, Notices } from '../safety/index.ts';
import { changeList, deleteHeld, findHeld, type HeldRow, presentHeld } from './held-rows.ts';
import { demandRank, type OnMessage } from './on-message.ts';
import { emitMessage } from './publish.ts';
import { authorsOf, presentMessage, withPart } from './rows.ts';
import { number, storeMessages } from './say.ts';
import { findMessage } from './store.ts';
import { bumpThreads } from './threads.ts';

export interface HeldDeps {
  profiles: Profiles;
  blocks: Blocks;
  automod: Automod;
  jobs: Jobs;
  trail: ModerationLog;
  notices: Notices;
}

type Decision = { approve: true } | { approve: false; reason: string };

/**
 * Decides on a message that waits: it is said, under the number that is next now, or its author is told why not. Of
 * several decisions the first counts. Nobody decides on their own words, or on those of their equals.
 */
export function decideKind(deps: HeldDeps): ChangeKind<OnMessage & { decision: Decision }, Message> {
  return oneByOne('decideHeld', async (input, tx) => {
    const entered = await tx.enter(input);
    const row = await findHeld(tx.db, input.roomId, input.messageId);
    if (row === undefined) await findMessage(tx.db, input.roomId, input.messageId);
    demand('moderate', entered.seat);
    if (row === undefined) throw new ProtocolError('already_decided');
    const [author] = await deps.profiles.publicUsers([row.sender_id]);
    if (author === undefined) throw new Error('the sender of a message has no profile');
    await demandRank(tx, entered, author, input.actorId);
    if (row.status !== 'pending') throw new ProtocolError('already_decided');
    const { decision } = input;
    if (decision.approve && entered.seat.archived) throw new ProtocolError('room_archived');
    const message = decision.approve
      ? await approve(tx, entered, row, author, deps)
      : await rejectHeld(tx, entered.room, row, { by: input.actorId, reason: decision.reason }, deps);
    await deps.trail.record(tx.db, {
      action: decision.approve ? 'message.approved' : 'message.rejected',
      actorId: input.actorId,
      roomId: input.parentId ?? input.roomId,
      targetId: author.id,
      messageId: row.message_id,
      reason: decision.approve ? null : decision.reason,
    });
    return message;
  });
}

/**
 * Takes back one's own that waits, or puts away one that was rejected, also after one has left the room. Idempotent.
 * @throws ProtocolError (the change) not_found to whoever never was in the room; already_decided once it was approved
 */
export const dropKind: ChangeKind<ChangeInput<string> & { messageId: string }, void> = oneByOne(
  'dropHeld',
  async ({ roomId, actorId, messageId }, tx) => {
    const room = tx.room(roomId);
    const [member] = await tx.members([{ roomId, userId: actorId }]);
    if (room === undefined || member === undefined) throw new ProtocolError('not_found');
    const row = await findHeld(tx.db, roomId, messageId);
    if (row?.sender_id === actorId) {
      await deleteHeld(tx, room, messageId);
      return changeList(tx, room, actorId, (held) => held.filter(({ id }) => id !== messageId));
    }
    const said = await tx.db.query(
      'SELECT FROM chat.messages WHERE room_id = $1 AND message_id = $2 AND sender_id = $3',
      [roomId, messageId, actorId],
    );
    if (said.rows.length > 0) throw new ProtocolError('already_decided');
  },
);

async function approve(
  tx: RoomTx,
  { room }: Entered,
  row: HeldRow,
  author: PublicUser,
  deps: HeldDeps,
): Promise<Message> {
  const said = number({ ...row, parts: await stillMentioned(tx, room, row) }, tx);
  await deleteHeld(tx, room, row.message_id);
  await storeMessages(tx, [said], deps);
  await tx.db.query('UPDATE chat.messages SET said_at = $3 WHERE room_id = $1 AND n = $2', [
    said.room_id,
    said.n,
    new Date(tx.now),
  ]);
  const message = presentMessage(said);
  await emitMessage(tx, message, author, await deps.blocks.blockersOf(authorsOf(message)));
  await changeList(tx, room, author.id, (held) => held.filter(({ id }) => id !== row.message_id));
  await follow(tx, room, row, author);
  await bumpThreads(tx, [said], deps);
  return message;
}

// As who says something in a thread at once; but for those who stopped following it meanwhile.
async function follow(tx: RoomTx, room: RoomRow, row: HeldRow, author: PublicUser): Promise<void> {
  if (room.kind !== 'thread' || room.parent_room_id === null) return;
  const places = [room.room_id, room.parent_room_id].map((roomId) => ({ roomId, userId: author.id }));
  const members = await tx.members(places);
  const here = members.find((member) => member.room_id === room.room_id);
  const there = members.find((member) => member.room_id === room.parent_room_id);
  if (there === undefined || there.left_at !== null || here === undefined || here.left_at === null) return;
  if (wasPresent(here) && here.left_at >= row.created_at) return;
  await join(tx, room, [{ user: author, role: 'member', sharesReads: there.shares_reads }], [here]);
}

/** Rejects one that waits, and tells its author. @param by null: nobody decided in time */
export async function rejectHeld(
  tx: RoomTx,
  room: RoomRow,
  row: HeldRow,
  { by, reason }: { by: string | null; reason: string },
  deps: Pick<HeldDeps, 'notices'>,
): Promise<Message> {
  await tx.db.query(
    `UPDATE chat.held SET status = 'rejected', reason = $3, decided_by = $4, decided_at = $5
     WHERE room_id = $1 AND message_id = $2`,
    [row.room_id, row.message_id, reason, by, new Date(tx.now)],
  );
  const message = presentHeld({ ...row, status: 'rejected', reason });
  await changeList(tx, room, row.sender_id, (held) => held.map((one) => (one.id === message.id ? message : one)));
  const { room_id: roomId, name: roomName } = tx.governing(room) ?? room;
  const told = await deps.notices.add(tx.db, row.sender_id, { type: 'message_rejected', roomId, roomName, reason });
  tx.emit(told.channel, told.frame);
  return message;
}

// Whoever has left meanwhile is not called for.
async function stillMentioned(tx: RoomTx, room: Entered['room'], { parts }: HeldRow): Promise<HeldRow['parts']> {
  if (parts?.mentions === undefined) return parts;
  const { userIds, everyone } = parts.mentions;
  const roomId = room.parent_room_id ?? room.room_id;
  const members = await tx.members(userIds.map((userId) => ({ roomId, userId })));
  const present = new Set(members.filter((member) => member.left_at === null).map((member) => member.user_id));
  const left = userIds.filter((id) => present.has(id));
  return withPart(parts, 'mentions', left.length === 0 && everyone === null ? undefined : { userIds: left, everyone });
}
