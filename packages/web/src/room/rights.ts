/** What to offer whom. The server decides; this only keeps what it would refuse off the screen. */
import type { MemberRole, RoomKind, RoomState, RouteName } from '@confab/sdk';
import { client } from '../lib/client.ts';

const RANK: Record<MemberRole, number> = { member: 0, moderator: 1, admin: 2, owner: 3 };

/** The lowest role that may, in groups and public rooms; then in direct ones. */
const LOWEST = {
  write: ['member', 'member'],
  pin: ['moderator', 'member'],
  deleteAnyMessage: ['moderator', null],
  closeAnyPoll: ['moderator', null],
  seeEdits: ['moderator', null],
  mentionEveryone: ['moderator', null],
  invite: ['moderator', null],
  addMembers: ['moderator', null],
  removeMembers: ['moderator', null],
  updateRoom: ['admin', null],
  archive: ['admin', null],
  changeRoles: ['admin', null],
  deleteRoom: ['owner', null],
  leave: ['member', null],
} as const satisfies Record<string, readonly [MemberRole, MemberRole | null]>;
export type RoomAction = keyof typeof LOWEST;

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

const WHEN_ARCHIVED: ReadonlySet<RoomAction> = new Set([
  'seeEdits',
  'deleteAnyMessage',
  'archive',
  'deleteRoom',
  'removeMembers',
  'changeRoles',
  'leave',
]);

/** What someone brings to a decision. */
export interface Seat {
  kind: RoomKind;
  role: MemberRole;
  archived: boolean;
}

/** Mine in a room; in a thread that of the room it hangs on. */
export function seatOf({ room, me }: RoomState): Seat {
  const parent = room.parent === null ? null : client.room(room.parent.roomId).state;
  const of = parent ?? { room, me };
  return { kind: of.room.kind, role: of.me.role, archived: of.room.archivedAt !== null || room.archivedAt !== null };
}

export function may(action: RoomAction, { kind, role, archived }: Seat): boolean {
  if (archived && !WHEN_ARCHIVED.has(action)) return false;
  const call = CALLS[action];
  if (call !== undefined && !client.may(call)) return false;
  if (action === 'invite' && kind === 'public') return true;
  const lowest = LOWEST[action][kind === 'direct' ? 1 : 0];
  return lowest !== null && RANK[role] >= RANK[lowest];
}

/** Nobody acts on their equals. */
export const outranks = (a: MemberRole, b: MemberRole) => RANK[a] > RANK[b];

/** Owners first. */
export const byRank = (a: MemberRole, b: MemberRole) => RANK[b] - RANK[a];

/** From the lowest. */
export const ROLES = Object.keys(RANK) as MemberRole[];
export const roleNames: Record<MemberRole, string> = {
  member: 'Member',
  moderator: 'Moderator',
  admin: 'Admin',
  owner: 'Owner',
};
