/** Confab's client: connection, outbox, and live rooms that repair themselves. */
export { LIMITS } from '@confab/protocol';
export type {
  ChatPreferences,
  ErrorBody,
  ErrorCode,
  FieldProblem,
  Invite,
  Member,
  MemberRole,
  Message,
  MyMembership,
  NotifyLevel,
  Poll,
  Presence,
  PresenceStatus,
  Profile,
  PublicUser,
  Reaction,
  Role,
  Room,
  RoomKind,
  RouteName,
  ScheduledMessage,
  SearchHit,
  SystemEvent,
} from '@confab/protocol';
export { ConfabClient, type ClientOptions } from './client.ts';
export type { PageRequest, SearchRequest } from './client-calls.ts';
export { type Clock, systemClock } from './clock.ts';
export {
  type Command,
  commandBody,
  COMMANDS,
  type CommandSpec,
  findCommand,
  messageText,
  parseCommand,
  splitArgs,
} from './commands.ts';
export { ConfabError, type ConfabErrorCode } from './error.ts';
export type { CallInput, CallOutput } from './http.ts';
export { trackIdle } from './idle.ts';
export type { LiveRoom } from './live-room.ts';
export type { PresenceWatch, StatusChange } from './presence.ts';
export { type LocalStore, memoryStore } from './store.ts';
export type { ClientEvents, OutboxItem, PollDraft, RoomState, RoomView, Status, Totals } from './types.ts';
