/** Rooms and memberships: their numbering, their rights, and the one way to change anything in them. */
export { accessRoom } from './access.ts';
export { unconfirmedAt } from './adults.ts';
export type { Announce } from './announce.ts';
export { type Candidate, candidates } from './candidates.ts';
export { type ChangeInput, type ChangeKind, Committer, oneByOne, type Outcome } from './committer.ts';
export { RoomDirectory } from './directory.ts';
export { InviteService } from './invites.ts';
export { closeRoom, emitRoom } from './changes.ts';
export { follow, type Gate, type Joined } from './joining.ts';
export { countJoins, joinsSince } from './joins.ts';
export { join, notPresent, saveMembers, wasPresent } from './membership.ts';
export { saveEachMine, saveMine } from './my-changes.ts';
export { roomTasks } from './over.ts';
export { demand, may, outranks, refusal, type RoomAction, type Seat } from './policy.ts';
export { type Among, ModeratorNews } from './moderator-news.ts';
export { recordChange } from './others.ts';
export { PreferenceService, preferencesOf } from './preferences.ts';
export { roomModerationRoutes } from './moderation-routes.ts';
export {
  type By,
  type CountUnread,
  type Entered,
  type Reader,
  type RoomTx,
  seatOf,
  type UnreadCount,
} from './room-tx.ts';
export { inviteRoutes, preferenceRoutes, roomRoutes, type TakeSnapshot } from './routes.ts';
export {
  listsMembers,
  type MemberRow,
  presentMe,
  presentMember,
  presentRoom,
  type RoomRow,
  showsReadMark,
} from './rows.ts';
export { expel, keepOut, letIn, silence, UNTIL_LIFTED } from './sanctions.ts';
export { RoomService } from './service.ts';
export { SharedRooms } from './sharing.ts';
export { takeOut, threadRoomId } from './threads.ts';
