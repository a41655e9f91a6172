/** What to offer whom. The server decides; this only keeps what it would refuse off the screen. */
import type { MemberRole, Room } from '@confab/sdk';

const RANK: Record<MemberRole, number> = { member: 0, moderator: 1, admin: 2, owner: 3 };

type GroupAction = 'deleteAnyMessage' | 'addMembers' | 'removeMembers' | 'updateRoom' | 'deleteRoom';
const LOWEST: Record<GroupAction, MemberRole> = {
  deleteAnyMessage: 'moderator',
  addMembers: 'moderator',
  removeMembers: 'moderator',
  updateRoom: 'admin',
  deleteRoom: 'owner',
};

export function may(action: GroupAction, room: Room, role: MemberRole): boolean {
  return room.kind === 'group' && RANK[role] >= RANK[LOWEST[action]];
}

/** Nobody acts on their equals. */
export const outranks = (a: MemberRole, b: MemberRole) => RANK[a] > RANK[b];

/** Owners first. */
export const byRank = (a: MemberRole, b: MemberRole) => RANK[b] - RANK[a];
