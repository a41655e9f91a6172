/** Rooms and memberships: their numbering, their rights, and the one way to change anything in them. */
export { accessRoom } from './access.ts';
export { type ChangeKind, Committer, oneByOne, type Outcome } from './committer.ts';
export { saveMembers } from './membership.ts';
export { demand, may } from './policy.ts';
export type { RoomTx } from './room-tx.ts';
export { roomRoutes } from './routes.ts';
export { type MemberRow, presentMember, presentRoom, type RoomRow, showsReadMarks } from './rows.ts';
export { RoomService } from './service.ts';
