/** Who may do what in a room: the one table that server and clients ask. The server decides; clients keep off the screen what it would refuse. */
import type { Role } from './accounts.ts';
import type { GuestAccess, MemberRole, RoomKind } from './entities.ts';
import type { ErrorCode } from './errors.ts';
import { isAtLeast } from './rights.ts';

/** A thread has the rights of the room it hangs on. */
export type RightsKind = Exclude<RoomKind, 'thread'>;

const RANK: Record<MemberRole, number> = { member: 0, moderator: 1, admin: 2, owner: 3 };

type Lowest = MemberRole | null;
/** The lowest role that may; `null`: nobody may. Groups and public rooms, language rooms of a lounge, then rooms of two. */
function row(group: Lowest, language: Lowest, direct: Lowest, match: Lowest = direct, open: Lowest = group) {
  return { group, public: open, language, direct, match } satisfies Record<RightsKind, Lowest>;
}
const everyone = row('member', 'member', 'member');
const moderators = row('moderator', 'moderator', null);

const ALLOWED = {
  read: everyone,
  send: everyone,
  editOwnMessage: everyone,
  deleteOwnMessage: everyone,
  deleteAnyMessage: moderators,
  react: everyone,
  vote: everyone,
  pin: row('moderator', 'moderator', 'member', null),
  closeAnyPoll: moderators,
  seeEdits: moderators,
  mentionEveryone: moderators,
  openThread: row('member', 'member', 'member', null),
  /** Mute, kick, ban, warn, decide on held messages, slow mode, lock. */
  moderate: moderators,
  /** Automod rules, and whose messages are held. */
  configureModeration: row('admin', 'admin', null),
  updateRoom: row('admin', 'admin', null),
  archive: row('admin', 'admin', null),
  deleteRoom: row('owner', 'owner', null),
  invite: row('moderator', null, null, null, 'member'),
  addMembers: row('moderator', null, null),
  removeMembers: moderators,
  changeRoles: row('admin', 'admin', null),
  leave: row('member', 'member', null, 'member'),
} as const satisfies Record<string, Record<RightsKind, Lowest>>;

export type RoomAction = keyof typeof ALLOWED;

/** What an archived room still allows. */
const WHEN_ARCHIVED: ReadonlySet<RoomAction> = new Set<RoomAction>([
  'read',
  'seeEdits',
  'deleteOwnMessage',
  'deleteAnyMessage',
  'moderate',
  'archive',
  'deleteRoom',
  'removeMembers',
  'changeRoles',
  'leave',
]);

/** What counts as writing: who is silenced may not, nor may anyone below moderator where the room is locked. */
const WRITING: ReadonlySet<RoomAction> = new Set<RoomAction>([
  'send',
  'editOwnMessage',
  'react',
  'vote',
  'pin',
  'openThread',
  'mentionEveryone',
  // A name and a topic are words as well.
  'updateRoom',
]);
/** What a read-only room leaves to its moderators. */
const SPEAKING: ReadonlySet<RoomAction> = new Set<RoomAction>(['send', 'editOwnMessage', 'openThread']);

/** What someone brings to a decision, in the room whose rights count. */
export interface Seat {
  role: MemberRole;
  /** On the whole instance. */
  instance: Role;
  rights: RightsKind;
  archived: boolean;
  locked: boolean;
  readOnly: boolean;
  /** Moderators do not let this person write for now. */
  silenced: boolean;
  /** A guest, where guests only read. */
  onlyReads: boolean;
}

export type RoomRefusal = Extract<
  ErrorCode,
  'forbidden' | 'room_archived' | 'room_locked' | 'room_read_only' | 'silenced' | 'members_only'
>;

/** Whether the role alone is high enough, however things stand in the room. */
export function roleReaches(action: RoomAction, rights: RightsKind, role: MemberRole): boolean {
  const lowest = ALLOWED[action][rights];
  return lowest !== null && RANK[role] >= RANK[lowest];
}

/** Why not, or null. */
export function roomRefusal(action: RoomAction, seat: Seat): RoomRefusal | null {
  if (!roleReaches(action, seat.rights, seat.role)) return 'forbidden';
  if (seat.archived && !WHEN_ARCHIVED.has(action)) return 'room_archived';
  if (!WRITING.has(action)) return null;
  if (seat.silenced) return 'silenced';
  if (RANK[seat.role] >= RANK.moderator) return null;
  if (seat.onlyReads) return 'members_only';
  if (seat.locked) return 'room_locked';
  return seat.readOnly && SPEAKING.has(action) ? 'room_read_only' : null;
}

/**
 * What someone is in a room: their own role there, or what their role on the whole instance is worth where everyone may
 * come in, whichever is higher. null: nothing.
 */
export function roomRole(rights: RightsKind, member: MemberRole | null, instance: Role): MemberRole | null {
  const here = isOpen(rights) ? OFFICE[instance] : undefined;
  if (here === undefined) return member;
  return member === null || outranks(here, member) ? here : member;
}
const OFFICE: Partial<Record<Role, MemberRole>> = { owner: 'owner', admin: 'owner', moderator: 'moderator' };

/** Where everyone may come in, and the instance sees to the order. */
const isOpen = (rights: RightsKind) => rights === 'public' || rights === 'language';

/** What somebody is in a room, null: nothing, and on the whole instance. */
export interface Standing {
  role: MemberRole | null;
  instance: Role;
}

/** Whether `a` is higher than `b` in a room; where everyone may come in, of the same role whoever is more on the whole instance. */
export function isHigher(rights: RightsKind, a: Standing, b: Standing): boolean {
  const [own, other] = [
    roomRole(rights, a.role, a.instance) ?? 'member',
    roomRole(rights, b.role, b.instance) ?? 'member',
  ];
  return own === other ? isOpen(rights) && !isAtLeast(b.instance, a.instance) : outranks(own, other);
}

/**
 * Whether `a` may act upon `b` and what they wrote in a room: upon those lower than themselves. Where everyone may come in
 * nobody acts on those who are more on the whole instance.
 */
export function standsAbove(rights: RightsKind, a: Standing, b: Standing): boolean {
  return isHigher(rights, a, b) && (!isOpen(rights) || isAtLeast(a.instance, b.instance));
}

/** Whether role `a` is the higher one. Whether somebody may act upon somebody else is for `standsAbove` to say. */
export function outranks(a: MemberRole, b: MemberRole): boolean {
  return RANK[a] > RANK[b];
}

/**
 * Whether whoever has this seat may make somebody there one of role `to`. Owners appoint their equals too; everyone else acts
 * on, and gives, lower roles alone. Where everyone may come in nobody changes what those are who are more on the whole
 * instance. Oneself one may only take down.
 */
export function mayAppoint(by: Seat, whom: Standing, to: MemberRole, isSelf: boolean): boolean {
  if (isSelf) return !outranks(to, by.role);
  if (by.role === 'owner') return !isOpen(by.rights) || isAtLeast(by.instance, whom.instance);
  return standsAbove(by.rights, by, whom) && outranks(by.role, to);
}

/** Whether a guest in a lounge with this setting only reads. */
export function onlyReads(instance: Role, guests: GuestAccess | null): boolean {
  return instance === 'guest' && guests !== null && guests !== 'write';
}
