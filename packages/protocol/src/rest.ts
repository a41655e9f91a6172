/** The REST table: name -> method, path, auth, input, output. Server, SDK, OpenAPI and docs are all made from it. */
import { z } from 'zod';
import {
  Body,
  Email,
  LIMITS,
  Member,
  MemberRole,
  Message,
  MessagePage,
  Password,
  PersonName,
  Profile,
  PublicUser,
  RoomChanges,
  RoomName,
  RoomSnapshot,
  RoomSummary,
  Room,
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

export const SendInput = z.strictObject({
  clientId: ClientId,
  body: Body,
  replyTo: Id.nullable().default(null),
});
export const MemberIds = z
  .array(Id)
  .max(200)
  .refine((ids) => new Set(ids).size === ids.length, 'may name each person once');

/** A page of history hangs on one message number at most. */
export const ONE_ANCHOR = { path: ['before'], message: 'only one of before, after and around may be given' };
export function oneAnchor(page: {
  before?: number | undefined;
  after?: number | undefined;
  around?: number | undefined;
}): boolean {
  return [page.before, page.after, page.around].filter((n) => n !== undefined).length <= 1;
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
    summary: 'Create a group. The caller becomes its owner.',
    body: z.strictObject({ name: RoomName, topic: Topic.default(''), memberIds: MemberIds.default([]) }),
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
    summary: 'Change name or topic.',
    params: room,
    body: z.strictObject({ name: RoomName.optional(), topic: Topic.optional() }),
    output: Room,
    errors: ['not_found', 'forbidden'],
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
      'A page of history by message number: before or after one (excluding it), around one (including it), or the newest.',
    params: room,
    query: z
      .strictObject({
        before: queryInt(Counter).optional(),
        after: queryInt(Counter).optional(),
        around: queryInt(Counter).optional(),
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
