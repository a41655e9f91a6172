/** The changes to language rooms, as the committer runs them. */
import { type LanguageRoom, ListedRoom, type ModerationAction, ProtocolError, type PublicUser } from '@confab/protocol';
import {
  type ChangeInput,
  closeRoom,
  emitRoom,
  oneByOne,
  presentRoom,
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

  const resize = oneByOne(
    'resizeLanguageRoom',
    async (input: OfLounge & { capacity: number }, tx): Promise<RoomRow> => {
      const room = roomOf(tx, input);
      if (room.capacity === input.capacity) return room;
      const details = { from: room.capacity, to: input.capacity };
      room.capacity = input.capacity;
      await tx.saveModeration(room);
      emitRoom(tx, room);
      await record(tx, input, 'language_room.resized', details);
      return room;
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

  return { open, resize, close, follow, turnOut, endVisits };
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
