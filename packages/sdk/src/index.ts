/** Confab's client: connection, outbox, and live rooms that repair themselves. */
export { LIMITS } from '@confab/protocol';
export type {
  ErrorBody,
  ErrorCode,
  FieldProblem,
  Member,
  MemberRole,
  Message,
  Profile,
  PublicUser,
  Role,
  Room,
  RoomKind,
  RouteName,
} from '@confab/protocol';
export { ConfabClient, type ClientOptions } from './client.ts';
export { type Clock, systemClock } from './clock.ts';
export { ConfabError, type ConfabErrorCode } from './error.ts';
export type { CallInput, CallOutput } from './http.ts';
export type { LiveRoom } from './live-room.ts';
export { type LocalStore, memoryStore } from './store.ts';
export type { ClientEvents, OutboxItem, RoomState, RoomView, Status } from './types.ts';
