/** The changes to language rooms, as the committer runs them. */
import { type LanguageRoom, ListedRoom, type ModerationAction, ProtocolError, type PublicUser } from '@confab/protocol';
import {
  type ChangeInput,
  closeRoom,
  emitRoom,
  oneByOne,
  presentRoom,
  recordChange,
  type RoomRow,
  type RoomTx,
  takeOut,
} from '../rooms/index.ts';
import type { Ages, ModerationLog } from '../safety/index.ts';
import { refusals } from './gate.ts';
import { loungeById, type LoungeRow, roomIdsOf } from './store.ts';

/** Rooms of one lounge. All of them are in the answer to whoever looks at the lounges. */
const MAX_ROOMS = 50;

interface OfLounge extends ChangeInput {
  loungeId: string;
}
/** What stays away, stays. */
export interface RoomChange {
  name?: string | undefined;
  topic?: string | undefined;
  capacity?: number | undefined;
  slowMode?: number | undefined;
}
type Opening = OfLounge & {
  language: string;
  name: string;
  topic: string;
  capacity: number;
  slowMode: number;
};

export function languageRoomChanges({ ages, log }: { ages: Ages; log: ModerationLog }) {
  const open = oneByOne('openLanguageRoom', async (input: Opening, tx): Promise<RoomRow> => {
    // Locked, so that the lounge is not changed or closed without this room.
    const lounge = await loungeById(tx.db, input.loungeId, 'locked');
    if (lounge === undefined) throw new ProtocolError('not_found');
    if ((await roomIdsOf(tx.db, input.loungeId)).length >= MAX_ROOMS) throw new ProtocolError('limit_reached');
    const { room } = await tx.create({
      room_id: input.roomId,
      kind: 'language',
      name: input.name,
      topic: input.topic,
      created_by: input.actorId,
      lounge_id: input.loungeId,
      language: input.language,
      capacity: input.capacity,
      guests: lounge.guests,
      slow_mode: input.slowMode,
    });
    emitRoom(tx, room);
    const { language, capacity } = input;
    await record(tx, input, 'language_room.opened', { language, capacity });
    return room;
  });

  /** Each thing that is another one now is recorded as by its own route. Answers whether any is. */
  const change = oneByOne(
    'changeLanguageRoom',
    async (input: OfLounge & { change: RoomChange }, tx): Promise<{ room: RoomRow; isChanged: boolean }> => {
      const room = roomOf(tx, input);
      const { roomId, actorId } = input;
      const before = { ...room };
      room.name = input.change.name ?? room.name;
      room.topic = input.change.topic ?? room.topic;
      room.capacity = input.change.capacity ?? room.capacity;
      room.slow_mode = input.change.slowMode ?? room.slow_mode;
      const isReworded = room.name !== before.name || room.topic !== before.topic;
      const isResized = room.capacity !== before.capacity;
      const isSlowed = room.slow_mode !== before.slow_mode;
      if (!isReworded && !isResized && !isSlowed) return { room, isChanged: false };
      await tx.saveModeration(room);
      if (isReworded) await recordChange(log, tx, before, { room, actorId });
      if (isResized) await record(tx, input, 'language_room.resized', { from: before.capacity, to: room.capacity });
      if (isSlowed) {
        const details = { before: presentRoom(before).moderation, after: presentRoom(room).moderation };
        await log.record(tx.db, { action: 'room.moderated', actorId, roomId, details });
      }
      emitRoom(tx, room);
      return { room, isChanged: true };
    },
  );

  const close = oneByOne('closeLanguageRoom', async (input: OfLounge, tx): Promise<void> => {
    await closeRoom(tx, roomOf(tx, input));
    await record(tx, input, 'language_room.closed', {});
  });

  /** Makes a room what its lounge says now; a room whose lounge is gone goes too. Answers the lounge. */
  const follow = oneByOne('followLounge', async (input: ChangeInput, tx): Promise<LoungeRow | null> => {
    const room = tx.room(input.roomId);
    if (room?.lounge_id === undefined || room.lounge_id === null) return null;
    const lounge = await loungeById(tx.db, room.lounge_id);
    if (lounge === undefined) {
      await closeRoom(tx, room);
      return null;
    }
    if (room.guests !== lounge.guests) {
      room.guests = lounge.guests;
      await tx.saveModeration(room);
      emitRoom(tx, room);
    }
    return lounge;
  });

  /** Takes out those of `people` who may not be in the lounge as it is now. */
  const turnOut = oneByOne(
    'turnOut',
    async (input: ChangeInput & { people: readonly PublicUser[] }, tx): Promise<void> => {
      const room = tx.room(input.roomId);
      const lounge = room && (await loungeById(tx.db, room.lounge_id ?? ''));
      if (room === undefined || lounge === undefined) return;
      const refused = await refusals(lounge, input.people, ages);
      await takeOutAll(
        tx,
        room,
        input.people.filter(({ id }) => refused.has(id)),
      );
    },
  );

  /** Ends the temporary memberships of these guests. */
  const endVisits = oneByOne(
    'endVisits',
    async (input: ChangeInput & { people: readonly PublicUser[] }, tx): Promise<void> => {
      const room = tx.room(input.roomId);
      if (room !== undefined) await takeOutAll(tx, room, input.people);
    },
  );

  async function record(
    tx: RoomTx,
    input: OfLounge,
    action: ModerationAction,
    details: Record<string, unknown>,
  ): Promise<void> {
    const { actorId, roomId, loungeId } = input;
    await log.record(tx.db, { action, actorId, roomId, details: { loungeId, ...details } });
  }

  return { open, change, close, follow, turnOut, endVisits };
}

function roomOf(tx: RoomTx, { roomId, loungeId }: OfLounge): RoomRow {
  const room = tx.room(roomId);
  if (room?.lounge_id !== loungeId) throw new ProtocolError('not_found');
  return room;
}

async function takeOutAll(tx: RoomTx, room: RoomRow, people: readonly PublicUser[]): Promise<void> {
  const members = await tx.members(people.map(({ id }) => ({ roomId: room.room_id, userId: id })));
  for (const member of members) {
    const user = people.find(({ id }) => id === member.user_id);
    if (user !== undefined && member.left_at === null) await takeOut(tx, room, member, user);
  }
}

/** A room as it is listed. */
export function presentLanguageRoom(row: RoomRow, heads: ReadonlyMap<string, number>): LanguageRoom {
  return { room: ListedRoom.parse(presentRoom(row)), present: heads.get(row.room_id) ?? 0 };
}
