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

/** Mine in a room; in a thread that of the room it hangs on. */
export function seatOf({ room, me }: RoomState): Seat {
  const parent = room.parent === null ? null : client.room(room.parent.roomId).state;
  const of = parent ?? { room, me };
  const rights = of.room.kind === 'thread' ? 'group' : of.room.kind;
  const instance = client.me?.role ?? 'user';
  return {
    role: roomRole(rights, of.me.role, instance) ?? of.me.role,
    rights,
    archived: of.room.archivedAt !== null || room.archivedAt !== null,
    locked: of.room.moderation.lockedAt !== null,
    readOnly: of.room.moderation.readOnly,
    silenced: (of.me.silencedUntil ?? 0) > Date.now(),
    onlyReads: onlyReads(instance, of.room.lounge?.guests ?? null),
  };
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
