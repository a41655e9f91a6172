/** Who may do what in a room: the one table that is asked for reads, writes and live events alike. */
import { type MemberRole, ProtocolError, type RoomKind } from '@confab/protocol';

export type RoomAction =
  | 'read'
  | 'send'
  | 'editOwnMessage'
  | 'deleteOwnMessage'
  | 'deleteAnyMessage'
  | 'react'
  | 'vote'
  | 'pin'
  | 'closeAnyPoll'
  | 'seeEdits'
  | 'mentionEveryone'
  | 'openThread'
  | 'updateRoom'
  | 'archive'
  | 'deleteRoom'
  | 'invite'
  | 'addMembers'
  | 'removeMembers'
  | 'changeRoles'
  | 'leave';

/** A thread has the rights of the room it hangs on. */
export type RightsKind = Exclude<RoomKind, 'thread'>;

const RANK: Record<MemberRole, number> = { member: 0, moderator: 1, admin: 2, owner: 3 };

/** The lowest role that may, per kind of room; `null`: nobody may. */
const ALLOWED: Record<RoomAction, Record<RightsKind, MemberRole | null>> = {
  read: { direct: 'member', group: 'member', public: 'member' },
  send: { direct: 'member', group: 'member', public: 'member' },
  editOwnMessage: { direct: 'member', group: 'member', public: 'member' },
  deleteOwnMessage: { direct: 'member', group: 'member', public: 'member' },
  deleteAnyMessage: { direct: null, group: 'moderator', public: 'moderator' },
  react: { direct: 'member', group: 'member', public: 'member' },
  vote: { direct: 'member', group: 'member', public: 'member' },
  pin: { direct: 'member', group: 'moderator', public: 'moderator' },
  closeAnyPoll: { direct: null, group: 'moderator', public: 'moderator' },
  seeEdits: { direct: null, group: 'moderator', public: 'moderator' },
  mentionEveryone: { direct: null, group: 'moderator', public: 'moderator' },
  openThread: { direct: 'member', group: 'member', public: 'member' },
  updateRoom: { direct: null, group: 'admin', public: 'admin' },
  archive: { direct: null, group: 'admin', public: 'admin' },
  deleteRoom: { direct: null, group: 'owner', public: 'owner' },
  invite: { direct: null, group: 'moderator', public: 'member' },
  addMembers: { direct: null, group: 'moderator', public: 'moderator' },
  removeMembers: { direct: null, group: 'moderator', public: 'moderator' },
  changeRoles: { direct: null, group: 'admin', public: 'admin' },
  leave: { direct: null, group: 'member', public: 'member' },
};

/** What an archived room still allows. */
const ALLOWED_ARCHIVED: ReadonlySet<RoomAction> = new Set<RoomAction>([
  'read',
  'seeEdits',
  'deleteOwnMessage',
  'deleteAnyMessage',
  'archive',
  'deleteRoom',
  'removeMembers',
  'changeRoles',
  'leave',
]);

/** What someone brings to a decision: their role, in a room of this kind and state. */
export interface Seat {
  role: MemberRole;
  rights: RightsKind;
  archived: boolean;
}

export function may(action: RoomAction, seat: Seat): boolean {
  return refusalCode(action, seat) === null;
}

/** @throws ProtocolError forbidden, room_archived */
export function demand(action: RoomAction, seat: Seat): void {
  const error = refusal(action, seat);
  if (error !== null) throw error;
}

/** Why not, or null. */
export function refusal(action: RoomAction, seat: Seat): ProtocolError | null {
  const code = refusalCode(action, seat);
  return code === null ? null : new ProtocolError(code);
}

// Asked with every message: an error is made only to be thrown.
function refusalCode(action: RoomAction, seat: Seat): 'forbidden' | 'room_archived' | null {
  const lowest = ALLOWED[action][seat.rights];
  if (lowest === null || RANK[seat.role] < RANK[lowest]) return 'forbidden';
  return seat.archived && !ALLOWED_ARCHIVED.has(action) ? 'room_archived' : null;
}

/** Whether someone of role `a` stands above one of role `b`. Nobody acts on their equals. */
export function outranks(a: MemberRole, b: MemberRole): boolean {
  return RANK[a] > RANK[b];
}
