/** Who may do what in a room: the one table that is asked for reads, writes and live events alike. */
import { type MemberRole, ProtocolError, type RoomKind } from '@confab/protocol';

export type RoomAction =
  | 'read'
  | 'send'
  | 'editOwnMessage'
  | 'deleteOwnMessage'
  | 'deleteAnyMessage'
  | 'updateRoom'
  | 'deleteRoom'
  | 'addMembers'
  | 'removeMembers'
  | 'changeRoles'
  | 'leave';

const RANK: Record<MemberRole, number> = { member: 0, moderator: 1, admin: 2, owner: 3 };

/** The lowest role that may, per kind of room; `null`: nobody may. */
const ALLOWED: Record<RoomAction, Record<RoomKind, MemberRole | null>> = {
  read: { direct: 'member', group: 'member' },
  send: { direct: 'member', group: 'member' },
  editOwnMessage: { direct: 'member', group: 'member' },
  deleteOwnMessage: { direct: 'member', group: 'member' },
  deleteAnyMessage: { direct: null, group: 'moderator' },
  updateRoom: { direct: null, group: 'admin' },
  deleteRoom: { direct: null, group: 'owner' },
  addMembers: { direct: null, group: 'moderator' },
  removeMembers: { direct: null, group: 'moderator' },
  changeRoles: { direct: null, group: 'admin' },
  leave: { direct: null, group: 'member' },
};

export function may(action: RoomAction, kind: RoomKind, role: MemberRole): boolean {
  const lowest = ALLOWED[action][kind];
  return lowest !== null && RANK[role] >= RANK[lowest];
}

/** @throws ProtocolError forbidden */
export function demand(action: RoomAction, kind: RoomKind, role: MemberRole): void {
  if (!may(action, kind, role)) throw new ProtocolError('forbidden');
}

/** Whether someone of role `a` stands above one of role `b`. Nobody acts on their equals. */
export function outranks(a: MemberRole, b: MemberRole): boolean {
  return RANK[a] > RANK[b];
}
