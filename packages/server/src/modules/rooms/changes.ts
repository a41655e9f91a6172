/** The changes to rooms and memberships, as the committer runs them. Each decides under the room's lock, then writes. */
import { type Member, type MemberRole, ProtocolError, type PublicUser, type Room } from '@confab/protocol';
import { oneByOne } from './committer.ts';
import { changeRole, join, leave } from './membership.ts';
import { demand, outranks } from './policy.ts';
import { presentRoom, type MemberRow, type RoomRow } from './rows.ts';
import type { RoomTx } from './room-tx.ts';

export interface Limits {
  /** Members of one room. */
  maxRoomMembers: number;
  /** Rooms of one person. Checked without a lock on the person: parallel calls may pass it by a few. */
  maxRoomsPerUser: number;
}

interface CreateGroup {
  roomId: string;
  owner: PublicUser;
  members: readonly PublicUser[];
  name: string;
  topic: string;
}
interface OpenDirect {
  roomId: string;
  actorId: string;
  people: readonly [PublicUser, PublicUser];
}
interface ByActor {
  roomId: string;
  actorId: string;
}
interface AddMembers extends ByActor {
  users: readonly PublicUser[];
}
interface OnMember extends ByActor {
  user: PublicUser;
}

export function roomChanges(limits: Limits) {
  const createGroup = oneByOne('createGroup', async (input: CreateGroup, tx): Promise<void> => {
    if (input.members.length + 1 > limits.maxRoomMembers) throw new ProtocolError('room_full');
    await refuseTooManyRooms(tx, [input.owner, ...input.members], limits);
    const { room } = await tx.create({
      room_id: input.roomId,
      kind: 'group',
      name: input.name,
      topic: input.topic,
      created_by: input.owner.id,
    });
    await join(tx, room, [
      { user: input.owner, role: 'owner' },
      ...input.members.map((user) => ({ user, role: 'member' as const })),
    ]);
  });

  const openDirect = oneByOne('openDirect', async (input: OpenDirect, tx): Promise<void> => {
    if (tx.room(input.roomId) === undefined) await refuseTooManyRooms(tx, input.people, limits);
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
        input.people.map((user) => ({ user, role: 'member' as const })),
      );
  });

  const updateRoom = oneByOne(
    'updateRoom',
    async (input: ByActor & { name?: string | undefined; topic?: string | undefined }, tx): Promise<Room> => {
      const { room, member } = await tx.enter(input.roomId, input.actorId);
      demand('updateRoom', room.kind, member.role);
      const name = input.name ?? room.name;
      const topic = input.topic ?? room.topic;
      if (name === room.name && topic === room.topic) return presentRoom(room);
      room.name = name;
      room.topic = topic;
      return emitRoom(tx, room);
    },
  );

  const deleteRoom = oneByOne('deleteRoom', async (input: ByActor, tx): Promise<void> => {
    const { room, member } = await tx.enter(input.roomId, input.actorId);
    demand('deleteRoom', room.kind, member.role);
    room.deleted_at = tx.now;
    emitRoom(tx, room);
  });

  const addMembers = oneByOne('addMembers', async (input: AddMembers, tx): Promise<Member[]> => {
    const { room, member } = await tx.enter(input.roomId, input.actorId);
    demand('addMembers', room.kind, member.role);
    const known = await tx.members(input.users.map((user) => ({ roomId: room.room_id, userId: user.id })));
    const present = new Set(known.filter((row) => row.left_at === null).map((row) => row.user_id));
    const added = input.users.filter((user) => !present.has(user.id));
    if (room.member_count + added.length > limits.maxRoomMembers) throw new ProtocolError('room_full');
    await refuseTooManyRooms(tx, added, limits);
    return join(
      tx,
      room,
      added.map((user) => ({ user, role: 'member' })),
    );
  });

  const updateMember = oneByOne('updateMember', async (input: OnMember & { role: MemberRole }, tx): Promise<Member> => {
    const { room, member, target } = await withTarget(tx, input);
    demand('changeRoles', room.kind, member.role);
    const self = target.user_id === member.user_id;
    // Owners may appoint equals; everyone else only acts on, and only gives, lower roles than their own.
    const mayReach = (role: MemberRole) => member.role === 'owner' || outranks(member.role, role);
    if (!(self || mayReach(target.role)) || !(self ? !outranks(input.role, member.role) : mayReach(input.role))) {
      throw new ProtocolError('forbidden');
    }
    if (target.role === 'owner' && input.role !== 'owner' && (await owners(tx, room)) === 1) {
      throw new ProtocolError('last_owner');
    }
    return changeRole(tx, room, target, input.role, input.user);
  });

  const removeMember = oneByOne(
    'removeMember',
    async (input: OnMember & { heirs(userIds: readonly string[]): Promise<PublicUser[]> }, tx): Promise<void> => {
      const { room, member, target } = await withTarget(tx, input);
      if (target.user_id === member.user_id) {
        demand('leave', room.kind, member.role);
      } else {
        demand('removeMembers', room.kind, member.role);
        if (!outranks(member.role, target.role)) throw new ProtocolError('forbidden');
      }
      const orphaned = target.role === 'owner' && (await owners(tx, room)) === 1;
      const heir = orphaned ? await findHeir(tx, room, target) : undefined;
      const [heirUser] = heir === undefined ? [] : await input.heirs([heir.user_id]);
      await leave(tx, room, target, input.user);
      if (heir !== undefined && heirUser !== undefined) await changeRole(tx, room, heir, 'owner', heirUser);
    },
  );

  return { createGroup, openDirect, updateRoom, deleteRoom, addMembers, updateMember, removeMember };
}

function emitRoom(tx: RoomTx, room: RoomRow): Room {
  const rev = tx.nextRev(room);
  const state = presentRoom(room);
  tx.emit(`room:${room.room_id}`, { event: 'room', payload: { roomId: room.room_id, rev, room: state } });
  return state;
}

async function withTarget(
  tx: RoomTx,
  input: OnMember,
): Promise<{ room: RoomRow; member: MemberRow; target: MemberRow }> {
  const { room, member } = await tx.enter(input.roomId, input.actorId);
  const [target] = await tx.members([{ roomId: room.room_id, userId: input.user.id }]);
  if (target === undefined || target.left_at !== null) throw new ProtocolError('not_found');
  return { room, member, target };
}

async function refuseTooManyRooms(tx: RoomTx, users: readonly PublicUser[], limits: Limits): Promise<void> {
  const { rows } = await tx.db.query<{ user_id: string }>(
    `SELECT user_id FROM chat.members WHERE user_id = ANY($1::uuid[]) AND left_at IS NULL
     GROUP BY user_id HAVING count(*) >= $2`,
    [users.map((user) => user.id), limits.maxRoomsPerUser],
  );
  if (rows.length > 0) throw new ProtocolError('too_many_rooms');
}

async function owners(tx: RoomTx, room: RoomRow): Promise<number> {
  const { rows } = await tx.db.query<{ count: number }>(
    "SELECT count(*) AS count FROM chat.members WHERE room_id = $1 AND role = 'owner' AND left_at IS NULL",
    [room.room_id],
  );
  return rows[0]?.count ?? 0;
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
