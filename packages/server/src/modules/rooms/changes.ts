/** The changes to rooms and memberships, as the committer runs them. Each decides under the room's lock, then writes. */
import {
  mayAppoint,
  type Member,
  type MemberRole,
  ProtocolError,
  type PublicUser,
  type Room,
  type Standing,
  standsAbove,
} from '@confab/protocol';
import type { Automod, ModerationLog, Notices } from '../safety/index.ts';
import type { Announce } from './announce.ts';
import type { Candidate } from './candidates.ts';
import { type ChangeInput, oneByOne } from './committer.ts';
import { changeRole, join } from './membership.ts';
import { isByOffice, recordChange, recordDeletion, recordRole } from './others.ts';
import { demand } from './policy.ts';
import { presentMember, presentRoom, type MemberRow, type RoomRow } from './rows.ts';
import type { By, Entered, RoomTx } from './room-tx.ts';
import { dropInvites } from './sanctions.ts';
import { takeOut, threadsOf } from './threads.ts';

export interface Limits {
  /** Members of one room. */
  maxRoomMembers: number;
  /**
   * Rooms of one person, of those that count. Threads do not, nor do direct rooms that others opened: nobody fills somebody
   * else's rooms so that none are left. Checked without a lock on the person: parallel calls may pass it by a few.
   */
  maxRoomsPerUser: number;
}

interface CreateGroup extends ChangeInput<string> {
  kind: 'group' | 'public';
  owner: Candidate;
  members: readonly Candidate[];
  name: string;
  topic: string;
}
interface AddMembers extends ByActor {
  people: readonly Candidate[];
  /** Ids of those of them who let the actor put them into rooms. */
  welcoming: ReadonlySet<string>;
}
interface OpenDirect extends ChangeInput<string> {
  /** The actor, and the other one. */
  people: readonly [Candidate, Candidate];
  /** Whether the other one lets the actor begin a conversation. */
  welcome: boolean;
}
type ByActor = ChangeInput & By;
type OnMember = ByActor & { user: PublicUser };
interface UpdateRoom extends ChangeInput<string>, By {
  name?: string | undefined;
  topic?: string | undefined;
  avatar?: string | null | undefined;
  archived?: boolean | undefined;
}

/** Somebody has left the room of a match. Belongs to matching, which lies above. */
export type Parted = (tx: RoomTx, room: RoomRow, userId: string) => Promise<void>;

export function roomChanges(
  limits: Limits,
  announce: Announce,
  parted: Parted,
  { trail, notices, automod }: { trail: ModerationLog; notices: Notices; automod: Pick<Automod, 'demandWording'> },
) {
  const createGroup = oneByOne('createGroup', async (input: CreateGroup, tx): Promise<void> => {
    if (input.members.length + 1 > limits.maxRoomMembers) throw new ProtocolError('room_full');
    refuseGuests(input.members);
    await refuseTooManyRooms(tx, [input.owner], limits);
    await refuseTooManyRooms(tx, input.members, forOthers(limits));
    await automod.demandWording(tx.db, { name: input.name, topic: input.topic });
    const { room } = await tx.create({
      room_id: input.roomId,
      kind: input.kind,
      name: input.name,
      topic: input.topic,
      created_by: input.owner.user.id,
    });
    const people = input.members.map((member) => ({ ...member, role: 'member' as const }));
    await join(tx, room, [{ ...input.owner, role: 'owner' }, ...people], []);
  });

  const openDirect = oneByOne('openDirect', async (input: OpenDirect, tx): Promise<void> => {
    if (tx.room(input.roomId) === undefined) {
      refuseGuests(input.people);
      if (!input.welcome) throw new ProtocolError('forbidden');
      await refuseTooManyRooms(tx, [input.people[0]], limits);
    }
    const { room, created } = await tx.create({
      room_id: input.roomId,
      kind: 'direct',
      name: null,
      topic: '',
      created_by: input.actorId,
    });
    if (created)
      await join(
        tx,
        room,
        input.people.map((person) => ({ ...person, role: 'member' as const })),
        [],
      );
  });

  const updateRoom = oneByOne('updateRoom', async (input: UpdateRoom, tx): Promise<Room> => {
    const entered = await tx.enter(input);
    const { room, seat } = entered;
    // A thread has no fields of its own.
    if (room.kind === 'thread') throw new ProtocolError('forbidden');
    const { actorId } = input;
    const changed = <K extends 'name' | 'topic' | 'avatar'>(key: K) =>
      input[key] !== undefined && input[key] !== room[key];
    const archives = input.archived !== undefined && input.archived !== (room.archived_at !== null);
    if (input.archived !== undefined) demand('archive', seat);
    const after = { ...seat, archived: input.archived ?? seat.archived };
    if (input.name !== undefined || input.topic !== undefined || input.avatar !== undefined)
      demand('updateRoom', after);
    const [renamed, retold, redrawn] = [changed('name'), changed('topic'), changed('avatar')];
    if (!renamed && !retold && !redrawn && !archives) return presentRoom(room);
    await automod.demandWording(tx.db, {
      name: renamed ? input.name : undefined,
      topic: retold ? input.topic : undefined,
    });
    const before = { ...room };
    if (renamed) room.name = input.name ?? room.name;
    if (retold) room.topic = input.topic ?? room.topic;
    if (redrawn) room.avatar = input.avatar ?? null;
    if (archives) room.archived_at = input.archived === true ? tx.now : null;
    if (isByOffice('updateRoom', entered)) await recordChange(trail, tx, before, { room, actorId });
    if (renamed) await announce(tx, room, { type: 'renamed', actorId, name: room.name ?? '' });
    if (retold) await announce(tx, room, { type: 'topic', actorId, topic: room.topic });
    if (archives) await announce(tx, room, { type: 'archived', actorId, archived: room.archived_at !== null });
    return emitRoom(tx, room);
  });

  const deleteRoom = oneByOne('deleteRoom', async (input: ByActor & { reason: string | null }, tx): Promise<void> => {
    const entered = await tx.enter(input);
    const { room, seat } = entered;
    if (room.kind === 'thread') throw new ProtocolError('forbidden');
    demand('deleteRoom', seat);
    await recordDeletion({ trail, notices }, tx, entered, input);
    await closeRoom(tx, room);
  });

  const addMembers = oneByOne('addMembers', async (input: AddMembers, tx): Promise<Member[]> => {
    const { room, seat } = await tx.enter(input);
    if (room.kind === 'thread') throw new ProtocolError('forbidden');
    demand('addMembers', seat);
    refuseGuests(input.people);
    const added = await addAbsent(tx, room, input, forOthers(limits));
    for (const { user_id } of added) {
      await announce(tx, room, { type: 'joined', actorId: input.actorId, userId: user_id });
    }
    return added.map((row) => presentMember(row, room));
  });

  const updateMember = oneByOne('updateMember', async (input: OnMember & { role: MemberRole }, tx): Promise<Member> => {
    const { room, seat, target, standing } = await enterWithTarget(tx, input);
    if (room.kind === 'thread') throw new ProtocolError('forbidden');
    demand('changeRoles', seat);
    const self = target.user_id === input.actorId;
    if (!mayAppoint(seat, standing, input.role, self)) throw new ProtocolError('forbidden');
    if (input.role !== 'member') refuseGuests([input]);
    if (input.role !== 'owner' && (await isLastOwner(tx, room, target))) throw new ProtocolError('last_owner');
    if (!self) await recordRole(trail, tx, target, input);
    return presentMember(await changeRole(tx, room, target, input.role, input.user), room);
  });

  const removeMember = oneByOne(
    'removeMember',
    async (input: OnMember & { heirs(userIds: readonly string[]): Promise<PublicUser[]> }, tx): Promise<void> => {
      const { room, seat, target, standing } = await enterWithTarget(tx, input);
      if (target.user_id === input.actorId) {
        // Whoever follows a thread may stop, whatever the room it hangs on.
        if (room.kind !== 'thread') demand('leave', seat);
      } else {
        demand('removeMembers', seat);
        if (room.kind === 'thread' || !standsAbove(seat.rights, seat, standing)) throw new ProtocolError('forbidden');
      }
      const heir = (await isLastOwner(tx, room, target)) ? await findHeir(tx, room, target) : undefined;
      const [heirUser] = heir === undefined ? [] : await input.heirs([heir.user_id]);
      await takeOut(tx, room, target, input.user);
      if (room.kind === 'match') await parted(tx, room, target.user_id);
      if (target.user_id !== input.actorId) {
        // Who was removed does not come back by a link of their own.
        await dropInvites(tx, room, target.user_id);
        const { roomId, actorId } = input;
        await trail.record(tx.db, { action: 'member.removed', actorId, roomId, targetId: target.user_id });
      }
      if (heir !== undefined && heirUser !== undefined) await changeRole(tx, room, heir, 'owner', heirUser);
      if (room.kind === 'group') {
        await announce(tx, room, { type: 'left', actorId: input.actorId, userId: input.user.id });
      }
    },
  );

  return { createGroup, openDirect, updateRoom, deleteRoom, addMembers, updateMember, removeMember };
}

/** What holds for being put into rooms: others fill half of somebody's, and the rest is left for where they go themselves. */
function forOthers(limits: Limits): Limits {
  return { ...limits, maxRoomsPerUser: Math.ceil(limits.maxRoomsPerUser / 2) };
}

/**
 * Makes those of `people` who are not there members of the room. All or none.
 * @throws ProtocolError forbidden by one of them, room_full, banned_here, too_many_rooms
 */
async function addAbsent(
  tx: RoomTx,
  room: RoomRow,
  { people, welcoming }: AddMembers,
  limits: Limits,
): Promise<MemberRow[]> {
  const known = await tx.members(people.map(({ user }) => ({ roomId: room.room_id, userId: user.id })));
  const present = new Set(known.filter((row) => row.left_at === null).map((row) => row.user_id));
  const absent = people.filter(({ user }) => !present.has(user.id));
  if (absent.some(({ user }) => !welcoming.has(user.id))) throw new ProtocolError('forbidden');
  return absent.length === 0 ? [] : addNewcomers(tx, room, absent, { known, limits });
}

/**
 * Makes people who are not there members of the room. All or none.
 * @param known as of `join`
 * @throws ProtocolError room_full, banned_here, too_many_rooms
 */
export async function addNewcomers(
  tx: RoomTx,
  room: RoomRow,
  people: readonly Candidate[],
  { known, limits }: { known: readonly MemberRow[]; limits: Limits },
): Promise<MemberRow[]> {
  if (room.member_count + people.length > (room.capacity ?? limits.maxRoomMembers))
    throw new ProtocolError('room_full');
  await refuseBanned(tx, room, people);
  await refuseTooManyRooms(tx, people, limits);
  return join(
    tx,
    room,
    // Who comes into a room that everyone has left owns it; those of lounges are owned by nobody.
    people.map((person, i) => {
      const inherits = room.kind !== 'language' && room.member_count === 0 && i === 0;
      return { ...person, role: inherits ? 'owner' : 'member' };
    }),
    known,
  );
}

/** Hides a room and its threads from everyone, for good. */
export async function closeRoom(tx: RoomTx, room: RoomRow): Promise<void> {
  for (const each of [...(await threadsOf(tx, room)), room]) {
    each.deleted_at = tx.now;
    emitRoom(tx, each);
  }
}

/** Guests are in rooms of lounges and with strangers, and nowhere else. @throws ProtocolError members_only */
export function refuseGuests(people: readonly { user: PublicUser }[]): void {
  if (people.some(({ user }) => user.role === 'guest')) throw new ProtocolError('members_only');
}

/** Numbers the room's new state and tells it. */
export function emitRoom(tx: RoomTx, room: RoomRow): Room {
  const rev = tx.nextRev(room);
  const state = presentRoom(room);
  tx.emit(`room:${room.room_id}`, { event: 'room', payload: { roomId: room.room_id, rev, room: state } });
  return state;
}

async function enterWithTarget(
  tx: RoomTx,
  input: OnMember,
): Promise<Entered & { target: MemberRow; standing: Standing }> {
  const entered = await tx.enter(input);
  const [target] = await tx.members([{ roomId: input.roomId, userId: input.user.id }]);
  if (target === undefined || target.left_at !== null) throw new ProtocolError('not_found');
  return { ...entered, target, standing: { role: target.role, instance: input.user.role } };
}

async function refuseBanned(tx: RoomTx, room: RoomRow, people: readonly Candidate[]): Promise<void> {
  const { rows } = await tx.db.query<{ until: number | null; reason: string }>(
    `SELECT until, reason FROM chat.bans
     WHERE room_id = $1 AND user_id = ANY($2::uuid[]) AND (until IS NULL OR until > $3) LIMIT 1`,
    [room.room_id, people.map(({ user }) => user.id), new Date(tx.now)],
  );
  const [ban] = rows;
  if (ban !== undefined) throw new ProtocolError('banned_here', ban);
}

async function refuseTooManyRooms(tx: RoomTx, people: readonly Candidate[], limits: Limits): Promise<void> {
  const { rows } = await tx.db.query<{ user_id: string }>(
    `SELECT m.user_id FROM chat.members m JOIN chat.rooms r USING (room_id)
     WHERE m.user_id = ANY($1::uuid[]) AND m.left_at IS NULL AND r.deleted_at IS NULL AND r.kind <> 'thread'
       AND (r.kind <> 'direct' OR r.created_by = m.user_id)
     GROUP BY m.user_id HAVING count(*) >= $2`,
    [people.map(({ user }) => user.id), limits.maxRoomsPerUser],
  );
  if (rows.length > 0) throw new ProtocolError('too_many_rooms');
}

// Rooms of lounges need none: whoever runs the place does.
async function isLastOwner(tx: RoomTx, room: RoomRow, member: MemberRow): Promise<boolean> {
  if (room.kind === 'language' || member.role !== 'owner') return false;
  const { rows } = await tx.db.query<{ count: number }>(
    "SELECT count(*) AS count FROM chat.members WHERE room_id = $1 AND role = 'owner' AND left_at IS NULL",
    [room.room_id],
  );
  return rows[0]?.count === 1;
}

// The higher role inherits, then the longer membership, then the lower id.
async function findHeir(tx: RoomTx, room: RoomRow, leaver: MemberRow): Promise<MemberRow | undefined> {
  const { rows } = await tx.db.query<MemberRow>(
    `SELECT * FROM chat.members WHERE room_id = $1 AND user_id <> $2 AND left_at IS NULL
     ORDER BY array_position(ARRAY['owner', 'admin', 'moderator', 'member'], role), joined_at, user_id LIMIT 1`,
    [room.room_id, leaver.user_id],
  );
  return rows[0];
}
