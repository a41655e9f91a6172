/** What to offer whom. The server decides; this only keeps what it would refuse off the screen. */
import {
  type MemberRole,
  onlyReads,
  type RoomAction,
  roomRefusal,
  roomRole,
  type RoomState,
  type RouteName,
  type Seat,
  type Standing,
  standsAbove as stands,
} from '@confab/sdk';
import { client } from '../lib/client.ts';

/** What it takes to be a member of the whole place, and not a guest. */
const CALLS: Partial<Record<RoomAction, RouteName>> = {
  pin: 'pin',
  closeAnyPoll: 'closePoll',
  seeEdits: 'messageEdits',
  invite: 'createInvite',
  addMembers: 'addMembers',
  updateRoom: 'updateRoom',
  archive: 'updateRoom',
  changeRoles: 'updateMember',
  deleteRoom: 'deleteRoom',
};

/** Where the rights in a room come from: itself, or the room that a thread hangs on. */
function governing(state: RoomState): RoomState {
  const { parent } = state.room;
  return (parent === null ? null : client.room(parent.roomId).state) ?? state;
}

/** A thread whose room is not known has the rights of a group. */
const rightsIn = ({ room: { kind } }: RoomState) => (kind === 'thread' ? 'group' : kind);

/** Mine in a room; in a thread that of the room it hangs on. */
export function seatOf(state: RoomState): Seat {
  const of = governing(state);
  const rights = rightsIn(of);
  const instance = client.me?.role ?? 'user';
  return {
    role: roomRole(rights, of.me.role, instance) ?? of.me.role,
    instance,
    rights,
    archived: of.room.archivedAt !== null || state.room.archivedAt !== null,
    locked: of.room.moderation.lockedAt !== null,
    readOnly: of.room.moderation.readOnly,
    silenced: (of.me.silencedUntil ?? 0) > Date.now(),
    onlyReads: onlyReads(instance, of.room.lounge?.guests ?? null),
  };
}

/** What somebody is in a room, and on the whole instance. @param member what they are as a member; null: none */
export function standingOf(userId: string, member: MemberRole | null): Standing {
  return { role: member, instance: client.userById(userId)?.role ?? 'user' };
}

/**
 * Whether I stand above somebody there. Nobody acts on their equals, nor as a moderator on themselves.
 * @param member what they are as a member; null: none; undefined: not known yet, so that nothing is done to them
 */
export function standsAbove(state: RoomState, userId: string, member: MemberRole | null | undefined): boolean {
  if (userId === state.me.userId || member === undefined) return false;
  const seat = seatOf(state);
  return stands(seat.rights, seat, standingOf(userId, member));
}

/** Why not, or null. */
export function refusal(action: RoomAction, seat: Seat): ReturnType<typeof roomRefusal> {
  const call = CALLS[action];
  return call !== undefined && !client.may(call) ? 'members_only' : roomRefusal(action, seat);
}

export function may(action: RoomAction, seat: Seat): boolean {
  return refusal(action, seat) === null;
}

/** Owners first. */
export const byRank = (a: MemberRole, b: MemberRole) => ROLES.indexOf(b) - ROLES.indexOf(a);

/** From the lowest. */
export const ROLES: readonly MemberRole[] = ['member', 'moderator', 'admin', 'owner'];
export const roleNames: Record<MemberRole, string> = {
  member: 'Member',
  moderator: 'Moderator',
  admin: 'Admin',
  owner: 'Owner',
};
