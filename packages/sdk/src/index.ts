/** Confab's client: connection, outbox, and live rooms that repair themselves. */
export {
  isAtLeast,
  LIMITS,
  mayAppoint,
  onlyReads,
  PICTURE_TYPES,
  ranksAbove,
  roleReaches,
  roomRefusal,
  roomRole,
  standsAbove,
} from '@confab/protocol';
export type {
  Account,
  AccountState,
  AddressBan,
  ApiToken,
  AuditEntry,
  AutomodAction,
  AutomodRule,
  AutomodTrigger,
  Case,
  CaseDetail,
  ChatPreferences,
  Device,
  ErrorBody,
  ErrorCode,
  FieldProblem,
  GuestAccess,
  HoldFor,
  Identity,
  Invite,
  LanguageRoom,
  ListedRoom,
  Lounge,
  MatchState,
  MatchWishes,
  Member,
  MemberRole,
  Message,
  ModerationLogEntry,
  MyMembership,
  MyReport,
  Notice,
  NotifyLevel,
  Passkey,
  Poll,
  Presence,
  PresenceStatus,
  Profile,
  PublicProfile,
  PublicUser,
  Reaction,
  ReportCategory,
  ReportTarget,
  Role,
  Room,
  RoomAction,
  RoomKind,
  RoomModeration,
  RouteName,
  Sanction,
  SanctionType,
  ScheduledMessage,
  Scope,
  SearchHit,
  Seat,
  SecondFactorNeeded,
  Security,
  Session,
  Settings,
  Standing,
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
export type { SessionEnd, WayIn, WayInBody } from './session.ts';
export { trackIdle } from './idle.ts';
export type { LiveRoom } from './live-room.ts';
export type { Match } from './match.ts';
export type { PresenceWatch, StatusChange } from './presence.ts';
export { type LocalStore, memoryStore } from './store.ts';
export type { ClientEvents, OutboxItem, PollDraft, RoomState, RoomView, Status, Totals } from './types.ts';
