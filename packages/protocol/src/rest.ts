/** The REST table: name -> method, path, auth, input, output. Server, SDK, OpenAPI and docs are all made from it. */
import { z } from 'zod';
import {
  Avatar,
  Body,
  ChatPreferences,
  Email,
  Emoji,
  Invite,
  LIMITS,
  Member,
  MemberRole,
  Message,
  MessagePage,
  MyMembership,
  NotifyLevel,
  Password,
  PersonName,
  Profile,
  PublicUser,
  RoomChanges,
  RoomName,
  RoomSnapshot,
  RoomSummary,
  Room,
  ScheduledMessage,
  SearchHit,
  Topic,
  Username,
} from './entities.ts';
import type { ErrorCode } from './errors.ts';
import { ClientId, Counter, Id, line, queryInt, Timestamp } from './ids.ts';

/**
 * Who may call: `none` anyone; `user` a bearer access token; `refresh` a refresh token, in the cookie (then with a CSRF
 * token in `x-csrf-token`) or in the body.
 */
export type Auth = 'none' | 'user' | 'refresh';

export interface RouteSpec {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With `:name` for each key of `params`. */
  path: string;
  auth: Auth;
  group: 'Accounts' | 'People' | 'Rooms' | 'Messages' | 'Operations';
  summary: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Absent: 204 without a body. */
  output?: z.ZodType;
  /** Success status; 200 unless told, 204 without output. */
  status?: number;
  /** Another status that has `output` as its body. */
  otherStatus?: number;
  /** Errors of its own, beside those any route can answer. */
  errors?: readonly ErrorCode[];
}

// Keeps the literal types of one row while checking its shape.
function route<const R extends RouteSpec>(spec: R): R {
  return spec;
}

const SignedIn = z
  .object({
    user: Profile,
    accessToken: z.string().meta({ description: 'A JWT for `Authorization: Bearer` and the socket handshake.' }),
    expiresIn: z.int().meta({ description: 'Seconds.' }),
    refreshToken: z.string().optional().meta({ description: 'Only with transport "body".' }),
  })
  .meta({ id: 'SignedIn' });
export type SignedIn = z.infer<typeof SignedIn>;

const Transport = z
  .enum(['cookie', 'body'])
  .default('cookie')
  .meta({ description: 'Where the refresh token travels: an HttpOnly cookie, or the answer’s body for programs.' });
const RefreshBody = z.strictObject({ refreshToken: z.string().min(1).max(200).optional() });

const room = z.object({ roomId: Id });
const message = z.object({ roomId: Id, messageId: Id });
const limit = (max: number, standard: number) => queryInt(z.int().min(1).max(max)).default(standard);

const NewPoll = z.strictObject({
  question: line(1, 300),
  options: z
    .array(line(1, 100))
    .min(2)
    .max(LIMITS.pollOptions)
    .refine((options) => new Set(options).size === options.length, 'may hold each option once'),
  multiple: z.boolean().default(false),
  anonymous: z.boolean().default(false),
  closesAt: Timestamp.nullable().default(null),
});
export type NewPoll = z.output<typeof NewPoll>;

/** What makes the content of a message: text, a poll, or someone else's message passed on. */
const content = {
  body: Body.optional(),
  poll: NewPoll.optional(),
  forward: z
    .strictObject({ roomId: Id, messageId: Id })
    .optional()
    .meta({ description: 'A message I can read, passed on with its body.' }),
};
const ONE_CONTENT = { path: ['body'], message: 'or poll or forward is required, and only one of them' };
function oneContent(send: { body?: unknown; poll?: unknown; forward?: unknown }): boolean {
  return [send.body, send.poll, send.forward].filter((part) => part !== undefined).length === 1;
}
const sendShape = { clientId: ClientId, ...content, replyTo: Id.nullable().default(null) };
export const SendInput = z.strictObject(sendShape).refine(oneContent, ONE_CONTENT);
export const SocketSendInput = z.strictObject({ roomId: Id, ...sendShape }).refine(oneContent, ONE_CONTENT);
const InviteCode = z
  .string()
  .min(10)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/, 'is not an invitation');
export const MemberIds = z
  .array(Id)
  .max(200)
  .refine((ids) => new Set(ids).size === ids.length, 'may name each person once');

/** A page of history hangs on one message number at most. */
export const ONE_ANCHOR = { path: ['before'], message: 'only one of before, after, around and date may be given' };
export function oneAnchor(page: Partial<Record<'before' | 'after' | 'around' | 'date', number | undefined>>): boolean {
  return [page.before, page.after, page.around, page.date].filter((n) => n !== undefined).length <= 1;
}

const PlainMetrics = z.record(z.string(), z.number());

export const rest = {
  // ---- accounts
  signUp: route({
    method: 'POST',
    path: '/api/auth/signup',
    auth: 'none',
    group: 'Accounts',
    summary: 'Create an account and sign in.',
    body: z.strictObject({
      email: Email,
      password: Password,
      username: Username,
      name: PersonName.optional(),
      transport: Transport,
    }),
    output: SignedIn,
    status: 201,
    errors: ['email_taken', 'username_taken', 'overloaded'],
  }),
  signIn: route({
    method: 'POST',
    path: '/api/auth/signin',
    auth: 'none',
    group: 'Accounts',
    summary: 'Sign in with a password.',
    body: z.strictObject({ email: Email, password: z.string().min(1).max(200), transport: Transport }),
    output: SignedIn,
    errors: ['invalid_credentials', 'overloaded'],
  }),
  refresh: route({
    method: 'POST',
    path: '/api/auth/refresh',
    auth: 'refresh',
    group: 'Accounts',
    summary:
      'Exchange the refresh token for a new pair. A spent token ends the session, except that a retry within 10 s gets the same successor.',
    body: RefreshBody.optional(),
    output: SignedIn,
    errors: ['unauthenticated', 'session_ended', 'csrf'],
  }),
  signOut: route({
    method: 'POST',
    path: '/api/auth/signout',
    auth: 'refresh',
    group: 'Accounts',
    summary:
      'End the session of the refresh token. Its sockets are closed. Succeeds for a token that is already spent or unknown.',
    body: RefreshBody.optional(),
    errors: ['csrf'],
  }),
  csrf: route({
    method: 'GET',
    path: '/api/auth/csrf',
    auth: 'none',
    group: 'Accounts',
    summary: 'A token to send as `x-csrf-token` with the calls that are authenticated by cookie.',
    output: z.object({ csrfToken: z.string() }),
  }),
  profile: route({
    method: 'GET',
    path: '/api/auth/profile',
    auth: 'user',
    group: 'Accounts',
    summary: 'My profile.',
    output: Profile,
  }),
  updateProfile: route({
    method: 'PATCH',
    path: '/api/auth/profile',
    auth: 'user',
    group: 'Accounts',
    summary: 'Change my profile.',
    body: z.strictObject({ name: PersonName.optional() }),
    output: Profile,
  }),
  jwks: route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    auth: 'none',
    group: 'Accounts',
    summary: 'Public keys of the access tokens (RFC 7517).',
    output: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
  }),

  // ---- people
  findUsers: route({
    method: 'GET',
    path: '/api/users',
    auth: 'user',
    group: 'People',
    summary: 'Find people by the beginning of a username or of a word of a name.',
    query: z.strictObject({ q: line(1, 60), limit: limit(20, 10) }),
    output: z.object({ users: z.array(PublicUser) }),
  }),
  user: route({
    method: 'GET',
    path: '/api/users/:userId',
    auth: 'user',
    group: 'People',
    summary: 'A person’s public profile.',
    params: z.object({ userId: Id }),
    output: PublicUser,
    errors: ['not_found'],
  }),

  blocks: route({
    method: 'GET',
    path: '/api/blocks',
    auth: 'user',
    group: 'People',
    summary: 'People I block.',
    output: z.object({ userIds: z.array(Id), users: z.array(PublicUser) }),
  }),
  block: route({
    method: 'POST',
    path: '/api/blocks',
    auth: 'user',
    group: 'People',
    summary: 'Block someone: no direct messages either way, their messages hidden, no presence. They are not told.',
    body: z.strictObject({ userId: Id }),
    errors: ['not_found', 'limit_reached'],
  }),
  unblock: route({
    method: 'DELETE',
    path: '/api/blocks/:userId',
    auth: 'user',
    group: 'People',
    summary: 'Block no longer. Idempotent.',
    params: z.object({ userId: Id }),
  }),
  preferences: route({
    method: 'GET',
    path: '/api/preferences',
    auth: 'user',
    group: 'People',
    summary: 'What I let others see.',
    output: ChatPreferences,
  }),
  updatePreferences: route({
    method: 'PATCH',
    path: '/api/preferences',
    auth: 'user',
    group: 'People',
    summary: 'Change what I let others see, in all my rooms.',
    body: ChatPreferences.partial().strict(),
    output: ChatPreferences,
  }),

  // ---- rooms
  rooms: route({
    method: 'GET',
    path: '/api/rooms',
    auth: 'user',
    group: 'Rooms',
    summary: 'My rooms, the one with the newest message first.',
    query: z.strictObject({ limit: limit(200, 50), cursor: z.string().max(200).optional() }),
    output: z.object({ rooms: z.array(RoomSummary), users: z.array(PublicUser), nextCursor: z.string().nullable() }),
  }),
  createRoom: route({
    method: 'POST',
    path: '/api/rooms',
    auth: 'user',
    group: 'Rooms',
    summary: 'Create a group or a public room. The caller becomes its owner.',
    body: z.strictObject({
      name: RoomName,
      topic: Topic.default(''),
      memberIds: MemberIds.default([]),
      kind: z.enum(['group', 'public']).default('group'),
    }),
    output: RoomSnapshot,
    status: 201,
    errors: ['room_full', 'too_many_rooms'],
  }),
  directRoom: route({
    method: 'POST',
    path: '/api/rooms/direct',
    auth: 'user',
    group: 'Rooms',
    summary: 'The direct room of two people: made at the first call, the same one ever after.',
    body: z.strictObject({ userId: Id }),
    output: RoomSnapshot,
    errors: ['too_many_rooms'],
  }),
  room: route({
    method: 'GET',
    path: '/api/rooms/:roomId',
    auth: 'user',
    group: 'Rooms',
    summary: 'A room as I see it, with its newest messages.',
    params: room,
    output: RoomSnapshot,
    errors: ['not_found'],
  }),
  updateRoom: route({
    method: 'PATCH',
    path: '/api/rooms/:roomId',
    auth: 'user',
    group: 'Rooms',
    summary: 'Change name, topic or picture, or archive the room.',
    params: room,
    body: z.strictObject({
      name: RoomName.optional(),
      topic: Topic.optional(),
      avatar: Avatar.nullable().optional(),
      archived: z.boolean().optional(),
    }),
    output: Room,
    errors: ['not_found', 'forbidden', 'room_archived'],
  }),
  publicRooms: route({
    method: 'GET',
    path: '/api/rooms/public',
    auth: 'user',
    group: 'Rooms',
    summary: 'Public rooms, the ones with most members first.',
    query: z.strictObject({
      q: line(1, 60).optional(),
      limit: limit(LIMITS.page, 20),
      cursor: z.string().max(200).optional(),
    }),
    output: z.object({
      rooms: z.array(z.object({ room: Room, joined: z.boolean() })),
      nextCursor: z.string().nullable(),
    }),
  }),
  joinRoom: route({
    method: 'POST',
    path: '/api/rooms/:roomId/join',
    auth: 'user',
    group: 'Rooms',
    summary: 'Join a public room, or follow a thread.',
    params: room,
    output: RoomSnapshot,
    errors: ['not_found', 'room_full', 'too_many_rooms', 'room_archived'],
  }),
  updateMe: route({
    method: 'PATCH',
    path: '/api/rooms/:roomId/me',
    auth: 'user',
    group: 'Rooms',
    summary: 'My own settings of a room. Only I see them, on all my devices.',
    params: room,
    body: z.strictObject({
      notify: NotifyLevel.optional(),
      mutedUntil: Timestamp.nullable().optional(),
      favourite: z.boolean().optional(),
      markedUnread: z.boolean().optional(),
    }),
    output: MyMembership,
    errors: ['not_found'],
  }),
  createInvite: route({
    method: 'POST',
    path: '/api/rooms/:roomId/invites',
    auth: 'user',
    group: 'Rooms',
    summary: 'Make an invitation link.',
    params: room,
    body: z.strictObject({
      expiresAt: Timestamp.nullable().default(null),
      maxUses: z.int().min(1).max(100_000).nullable().default(null),
    }),
    output: Invite,
    status: 201,
    errors: ['not_found', 'forbidden', 'limit_reached'],
  }),
  invites: route({
    method: 'GET',
    path: '/api/rooms/:roomId/invites',
    auth: 'user',
    group: 'Rooms',
    summary: 'Invitations that can still be used.',
    params: room,
    output: z.object({ invites: z.array(Invite) }),
    errors: ['not_found', 'forbidden'],
  }),
  revokeInvite: route({
    method: 'DELETE',
    path: '/api/rooms/:roomId/invites/:inviteId',
    auth: 'user',
    group: 'Rooms',
    summary: 'End an invitation.',
    params: z.object({ roomId: Id, inviteId: Id }),
    errors: ['not_found', 'forbidden'],
  }),
  invite: route({
    method: 'GET',
    path: '/api/invites/:code',
    auth: 'user',
    group: 'Rooms',
    summary: 'What an invitation leads to.',
    params: z.object({ code: InviteCode }),
    output: z.object({
      room: Room.pick({ id: true, kind: true, name: true, topic: true, avatar: true, memberCount: true }),
      joined: z.boolean(),
    }),
    errors: ['invite_invalid'],
  }),
  acceptInvite: route({
    method: 'POST',
    path: '/api/invites/:code/accept',
    auth: 'user',
    group: 'Rooms',
    summary: 'Join by an invitation. Who is a member already does not use it up.',
    params: z.object({ code: InviteCode }),
    output: RoomSnapshot,
    errors: ['invite_invalid', 'room_full', 'too_many_rooms', 'room_archived'],
  }),
  threads: route({
    method: 'GET',
    path: '/api/threads',
    auth: 'user',
    group: 'Rooms',
    summary: 'Threads I follow, the one with the newest message first.',
    query: z.strictObject({ limit: limit(200, 50), cursor: z.string().max(200).optional() }),
    output: z.object({ rooms: z.array(RoomSummary), users: z.array(PublicUser), nextCursor: z.string().nullable() }),
  }),
  openThread: route({
    method: 'POST',
    path: '/api/rooms/:roomId/messages/:messageId/thread',
    auth: 'user',
    group: 'Rooms',
    summary: 'The thread about a message: made at the first call, the same one ever after. Who opens it follows it.',
    params: message,
    output: RoomSnapshot,
    errors: ['not_found', 'forbidden', 'room_archived', 'message_deleted'],
  }),
  deleteRoom: route({
    method: 'DELETE',
    path: '/api/rooms/:roomId',
    auth: 'user',
    group: 'Rooms',
    summary: 'Delete a group for everyone.',
    params: room,
    errors: ['not_found', 'forbidden'],
  }),
  members: route({
    method: 'GET',
    path: '/api/rooms/:roomId/members',
    auth: 'user',
    group: 'Rooms',
    summary: 'Present members, in order of their user ids.',
    params: room,
    query: z.strictObject({ limit: limit(LIMITS.page, LIMITS.page), after: Id.optional() }),
    output: z.object({ members: z.array(Member), users: z.array(PublicUser), hasMore: z.boolean() }),
    errors: ['not_found'],
  }),
  addMembers: route({
    method: 'POST',
    path: '/api/rooms/:roomId/members',
    auth: 'user',
    group: 'Rooms',
    summary: 'Add people. Those who are members already stay as they are.',
    params: room,
    body: z.strictObject({ userIds: MemberIds.min(1) }),
    output: z.object({ members: z.array(Member) }),
    errors: ['not_found', 'forbidden', 'room_full', 'too_many_rooms'],
  }),
  updateMember: route({
    method: 'PATCH',
    path: '/api/rooms/:roomId/members/:userId',
    auth: 'user',
    group: 'Rooms',
    summary: 'Change a member’s role.',
    params: z.object({ roomId: Id, userId: Id }),
    body: z.strictObject({ role: MemberRole }),
    output: Member,
    errors: ['not_found', 'forbidden', 'last_owner'],
  }),
  removeMember: route({
    method: 'DELETE',
    path: '/api/rooms/:roomId/members/:userId',
    auth: 'user',
    group: 'Rooms',
    summary: 'Remove a member, or leave.',
    params: z.object({ roomId: Id, userId: Id }),
    errors: ['not_found', 'forbidden', 'last_owner'],
  }),

  // ---- messages
  messages: route({
    method: 'GET',
    path: '/api/rooms/:roomId/messages',
    auth: 'user',
    group: 'Messages',
    summary:
      'A page of history by message number: before or after one (excluding it), around one (including it) or a date, or the newest.',
    params: room,
    query: z
      .strictObject({
        before: queryInt(Counter).optional(),
        after: queryInt(Counter).optional(),
        around: queryInt(Counter).optional(),
        date: queryInt(Timestamp)
          .optional()
          .meta({ description: 'Around the first message sent at this time or later.' }),
        limit: limit(LIMITS.page, 50),
      })
      .refine(oneAnchor, ONE_ANCHOR),
    output: MessagePage,
    errors: ['not_found'],
  }),
  sendMessage: route({
    method: 'POST',
    path: '/api/rooms/:roomId/messages',
    auth: 'user',
    group: 'Messages',
    summary: 'Send. A retry with the same clientId answers the message that was stored first.',
    params: room,
    body: SendInput,
    output: Message,
    status: 201,
    errors: ['not_found', 'forbidden', 'client_id_reused', 'overloaded'],
  }),
  editMessage: route({
    method: 'PATCH',
    path: '/api/rooms/:roomId/messages/:messageId',
    auth: 'user',
    group: 'Messages',
    summary: 'Change the body of my message.',
    params: message,
    body: z.strictObject({ body: Body }),
    output: Message,
    errors: ['not_found', 'forbidden', 'message_deleted'],
  }),
  deleteMessage: route({
    method: 'DELETE',
    path: '/api/rooms/:roomId/messages/:messageId',
    auth: 'user',
    group: 'Messages',
    summary: 'Delete for everyone: the body is erased, the number stays.',
    params: message,
    output: Message,
    errors: ['not_found', 'forbidden'],
  }),
  message: route({
    method: 'GET',
    path: '/api/rooms/:roomId/messages/:messageId',
    auth: 'user',
    group: 'Messages',
    summary: 'One message, such as one that was replied to.',
    params: message,
    output: z.object({ message: Message, user: PublicUser }),
    errors: ['not_found'],
  }),
  messageEdits: route({
    method: 'GET',
    path: '/api/rooms/:roomId/messages/:messageId/edits',
    auth: 'user',
    group: 'Messages',
    summary:
      'Earlier bodies of a message, the oldest first. For moderators of the room and the author; gone once it is deleted.',
    params: message,
    output: z.object({ edits: z.array(z.object({ body: z.string(), until: Timestamp })) }),
    errors: ['not_found', 'forbidden'],
  }),
  react: route({
    method: 'POST',
    path: '/api/rooms/:roomId/messages/:messageId/reactions',
    auth: 'user',
    group: 'Messages',
    summary: 'Add or take back my reaction. Idempotent.',
    params: message,
    body: z.strictObject({ emoji: Emoji, on: z.boolean() }),
    output: Message,
    errors: ['not_found', 'forbidden', 'message_deleted', 'limit_reached', 'room_archived'],
  }),
  pin: route({
    method: 'POST',
    path: '/api/rooms/:roomId/messages/:messageId/pin',
    auth: 'user',
    group: 'Messages',
    summary: 'Pin or unpin for everyone. Idempotent.',
    params: message,
    body: z.strictObject({ on: z.boolean() }),
    output: Message,
    errors: ['not_found', 'forbidden', 'message_deleted', 'limit_reached', 'room_archived'],
  }),
  pins: route({
    method: 'GET',
    path: '/api/rooms/:roomId/pins',
    auth: 'user',
    group: 'Messages',
    summary: 'Pinned messages, the newest pin first.',
    params: room,
    output: z.object({ messages: z.array(Message), users: z.array(PublicUser) }),
    errors: ['not_found'],
  }),
  star: route({
    method: 'POST',
    path: '/api/rooms/:roomId/messages/:messageId/star',
    auth: 'user',
    group: 'Messages',
    summary: 'Star or unstar for myself. Idempotent.',
    params: message,
    body: z.strictObject({ on: z.boolean() }),
    output: MyMembership,
    errors: ['not_found', 'limit_reached'],
  }),
  stars: route({
    method: 'GET',
    path: '/api/stars',
    auth: 'user',
    group: 'Messages',
    summary: 'My starred messages of all my rooms, the newest message first.',
    query: z.strictObject({ limit: limit(LIMITS.page, 50), cursor: z.string().max(200).optional() }),
    output: z.object({ messages: z.array(Message), users: z.array(PublicUser), nextCursor: z.string().nullable() }),
  }),
  mentions: route({
    method: 'GET',
    path: '/api/mentions',
    auth: 'user',
    group: 'Messages',
    summary: 'Messages of my rooms that mention me, the newest first.',
    query: z.strictObject({ limit: limit(LIMITS.page, 50), cursor: z.string().max(200).optional() }),
    output: z.object({ messages: z.array(Message), users: z.array(PublicUser), nextCursor: z.string().nullable() }),
  }),
  vote: route({
    method: 'POST',
    path: '/api/rooms/:roomId/messages/:messageId/votes',
    auth: 'user',
    group: 'Messages',
    summary: 'My vote, replacing an earlier one; no options take it back.',
    params: message,
    body: z.strictObject({
      options: z
        .array(
          z
            .int()
            .min(0)
            .max(LIMITS.pollOptions - 1),
        )
        .max(LIMITS.pollOptions),
    }),
    output: Message,
    errors: ['not_found', 'forbidden', 'poll_closed', 'message_deleted', 'room_archived'],
  }),
  closePoll: route({
    method: 'POST',
    path: '/api/rooms/:roomId/messages/:messageId/votes/close',
    auth: 'user',
    group: 'Messages',
    summary: 'Close my poll, or as a moderator anyone’s. Idempotent.',
    params: message,
    output: Message,
    errors: ['not_found', 'forbidden', 'message_deleted'],
  }),
  schedule: route({
    method: 'POST',
    path: '/api/rooms/:roomId/scheduled',
    auth: 'user',
    group: 'Messages',
    summary: 'Send later. Rights are checked now and again when the time has come.',
    params: room,
    body: z.strictObject({ clientId: ClientId, body: Body, replyTo: Id.nullable().default(null), sendAt: Timestamp }),
    output: ScheduledMessage,
    status: 201,
    errors: ['not_found', 'forbidden', 'limit_reached', 'room_archived'],
  }),
  scheduled: route({
    method: 'GET',
    path: '/api/scheduled',
    auth: 'user',
    group: 'Messages',
    summary: 'My messages waiting to be sent, the next one first, and those that were refused.',
    output: z.object({ scheduled: z.array(ScheduledMessage) }),
  }),
  unschedule: route({
    method: 'DELETE',
    path: '/api/scheduled/:scheduledId',
    auth: 'user',
    group: 'Messages',
    summary: 'Do not send it.',
    params: z.object({ scheduledId: Id }),
    errors: ['not_found'],
  }),
  search: route({
    method: 'GET',
    path: '/api/search',
    auth: 'user',
    group: 'Messages',
    summary:
      'Messages I may read that hold all the words, also as beginnings of words, in any script. The best match first.',
    query: z.strictObject({
      q: line(1, 200),
      roomId: Id.optional(),
      from: Id.optional().meta({ description: 'The author.' }),
      after: queryInt(Timestamp).optional(),
      before: queryInt(Timestamp).optional(),
      has: z.enum(['file', 'image', 'link', 'poll']).optional(),
      mentionsMe: z.enum(['true', 'false']).optional(),
      limit: limit(50, 20),
      cursor: z.string().max(200).optional(),
    }),
    output: z.object({ hits: z.array(SearchHit), users: z.array(PublicUser), nextCursor: z.string().nullable() }),
    errors: ['not_found'],
  }),
  changes: route({
    method: 'GET',
    path: '/api/rooms/:roomId/changes',
    auth: 'user',
    group: 'Messages',
    summary: 'What changed since a rev, as current states.',
    params: room,
    query: z.strictObject({ since: queryInt(Counter) }),
    output: RoomChanges,
    errors: ['not_found'],
  }),
  markRead: route({
    method: 'POST',
    path: '/api/rooms/:roomId/read',
    auth: 'user',
    group: 'Messages',
    summary: 'Read up to and including message n. Never moves back.',
    params: room,
    body: z.strictObject({ n: Counter }),
    output: z.object({ lastReadN: Counter, unread: z.int() }),
    errors: ['not_found'],
  }),

  // ---- operations
  health: route({
    method: 'GET',
    path: '/health',
    auth: 'none',
    group: 'Operations',
    summary: 'State of the server and of each part; 503 when one is down.',
    output: z.object({
      status: z.enum(['ok', 'down', 'stopping']),
      timestamp: z.string(),
      components: z.record(z.string(), z.object({ status: z.enum(['ok', 'down']), detail: z.string().optional() })),
    }),
    otherStatus: 503,
  }),
  healthLive: route({
    method: 'GET',
    path: '/health/live',
    auth: 'none',
    group: 'Operations',
    summary: 'The process runs.',
    output: z.object({ status: z.literal('ok') }),
  }),
  healthReady: route({
    method: 'GET',
    path: '/health/ready',
    auth: 'none',
    group: 'Operations',
    summary: 'Send traffic here: 503 while starting, stopping or without a database.',
    output: z.object({ status: z.enum(['ok', 'down', 'stopping']) }),
    otherStatus: 503,
  }),
  metrics: route({
    method: 'GET',
    path: '/metrics',
    auth: 'none',
    group: 'Operations',
    summary: 'Prometheus text; with `Accept: application/json` a few numbers as JSON.',
    output: PlainMetrics,
    errors: ['unauthenticated'],
  }),
} as const satisfies Record<string, RouteSpec>;

export type Rest = typeof rest;
export type RouteName = keyof Rest;
type Part<R, K extends string> = R extends { [P in K]: infer S extends z.ZodType } ? S : undefined;
type In<S> = S extends z.ZodType ? z.input<S> : undefined;
type Out<S> = S extends z.ZodType ? z.output<S> : undefined;

/** What a caller passes. */
export interface RouteInput<N extends RouteName> {
  params: In<Part<Rest[N], 'params'>>;
  query: In<Part<Rest[N], 'query'>>;
  body: In<Part<Rest[N], 'body'>>;
}
/** What a handler receives, parsed. */
export interface RouteParsed<N extends RouteName> {
  params: Out<Part<Rest[N], 'params'>>;
  query: Out<Part<Rest[N], 'query'>>;
  body: Out<Part<Rest[N], 'body'>>;
}
export type RouteOutput<N extends RouteName> = Rest[N] extends { output: infer S extends z.ZodType }
  ? z.output<S>
  : void;
export type { Timestamp };
