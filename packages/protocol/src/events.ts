/** The event table of the socket, namespace `/`: names, inputs and answers, and what the server says on its own. */
import { z } from 'zod';
import { LIMITS } from './limits.ts';
import { PublicUser } from './accounts.ts';
import {
  Member,
  MessagePage,
  MyMembership,
  Presence,
  Room,
  RoomChanges,
  RoomSnapshot,
  RoomSummary,
} from './entities.ts';
import { Body, Emoji, Message } from './messages.ts';
import { ForAuthor, MatchState, MatchWishes, Notice } from './community.ts';
import { ErrorBody, type ErrorCode } from './errors.ts';
import { Counter, Id, line, Timestamp } from './ids.ts';
import { ONE_ANCHOR, oneAnchor, SocketSendInput } from './rest.ts';
import { REFUSED } from './rest/route.ts';

export interface ClientEventSpec {
  summary: string;
  input: z.ZodType;
  /** `data` of the acknowledgement `{ok: true, data}`. */
  output: z.ZodType;
  errors?: readonly ErrorCode[];
}
export interface ServerEventSpec {
  summary: string;
  payload: z.ZodType;
}

// Keeps the literal types of one row while checking its shape.
function client<const E extends ClientEventSpec>(spec: E): E {
  return spec;
}
function server<const E extends ServerEventSpec>(spec: E): E {
  return spec;
}

const limit = z.int().min(1).max(LIMITS.page).default(50);

/** What the numbered events of a room tell. */
const roomPayloads = {
  message: z.object({ roomId: Id, rev: Counter, message: Message, user: PublicUser }),
  room: z.object({ roomId: Id, rev: Counter, room: Room }),
  member: z.object({ roomId: Id, rev: Counter, member: Member, user: PublicUser, memberCount: z.int() }),
  read: z.object({ roomId: Id, rev: Counter, userId: Id, lastReadN: Counter }),
};
const ReplayedEvent = z
  .discriminatedUnion('event', [
    z.object({ event: z.literal('message'), payload: roomPayloads.message }),
    z.object({ event: z.literal('room'), payload: roomPayloads.room }),
    z.object({ event: z.literal('member'), payload: roomPayloads.member }),
    z.object({ event: z.literal('read'), payload: roomPayloads.read }),
  ])
  .meta({ id: 'ReplayedEvent' });

/** Client to server. Each is acknowledged with `{ok:true,data}` or `{ok:false,error}`. */
export const clientEvents = {
  'room:join': client({
    summary: 'Open a room: from here on its events arrive, beginning with the change after the snapshot’s rev.',
    input: z.strictObject({ roomId: Id }),
    output: RoomSnapshot,
    errors: REFUSED.reading,
  }),
  'room:leave': client({
    summary: 'Stop receiving a room’s events on this connection, until room:join or sync. The membership stays.',
    input: z.strictObject({ roomId: Id }),
    output: z.object({}),
    errors: ['not_found'],
  }),
  'room:read': client({
    summary: 'Read up to and including message n. Never moves back.',
    input: z.strictObject({ roomId: Id, n: Counter }),
    output: z.object({ lastReadN: Counter, unread: z.int() }),
    errors: ['not_found'],
  }),
  'message:send': client({
    summary:
      'Send. Acknowledged once the message is committed; a retry with the same clientId answers the message that was stored first. One that waits for approval is answered with its `status`.',
    input: SocketSendInput,
    output: Message,
    errors: REFUSED.sending,
  }),
  'message:edit': client({
    summary: 'Change the body of my message. What would have to wait for approval is rejected.',
    input: z.strictObject({ roomId: Id, messageId: Id, body: Body }),
    output: Message,
    errors: REFUSED.editing,
  }),
  'message:delete': client({
    summary: 'Delete for everyone: the body is erased, the number stays.',
    input: z.strictObject({ roomId: Id, messageId: Id, reason: ForAuthor.optional() }),
    output: Message,
    errors: ['not_found', 'forbidden'],
  }),
  'message:react': client({
    summary: 'Add or take back my reaction. Idempotent.',
    input: z.strictObject({ roomId: Id, messageId: Id, emoji: Emoji, on: z.boolean() }),
    output: Message,
    errors: REFUSED.reacting,
  }),
  'message:history': client({
    summary: 'A page of history by message number, like GET /api/rooms/:roomId/messages.',
    input: z
      .strictObject({
        roomId: Id,
        before: Counter.optional(),
        after: Counter.optional(),
        around: Counter.optional(),
        limit,
      })
      .refine(oneAnchor, ONE_ANCHOR),
    output: MessagePage,
    errors: REFUSED.reading,
  }),
  sync: client({
    summary:
      'Everything that changed since what this client holds, in all its rooms at once. Call again with the new revs while `hasMore`. From here on the events of all these rooms arrive.',
    input: z.strictObject({
      // Every room the client holds, so that the answer can name those it lacks.
      rooms: z.array(z.strictObject({ roomId: Id, rev: Counter, mine: Counter })).max(LIMITS.syncRooms),
    }),
    output: z.object({
      replayed: z.array(z.object({ roomId: Id, events: z.array(ReplayedEvent) })).meta({
        description:
          'The events a client missed, in order, where the server still has them: apply them as if they came now.',
      }),
      changed: z.array(RoomChanges),
      added: z.array(RoomSummary).meta({ description: 'My rooms that the client did not name.' }),
      gone: z.array(Id).meta({ description: 'Rooms the client named that are not mine.' }),
      users: z.array(PublicUser).meta({ description: 'Profiles of everyone named in `added`.' }),
      hasMore: z.boolean(),
    }),
  }),
  typing: client({
    summary: 'I am writing. Tell it again every few seconds while it holds; it fades by itself. Nothing is stored.',
    input: z.strictObject({ roomId: Id }),
    output: z.object({}),
    errors: REFUSED.speaking,
  }),
  'presence:set': client({
    summary:
      'How I appear on all my devices (`status`, and the custom status), and whether this device is `idle`. `auto` follows use: online, and away when all devices are idle. What is left out stays; a new text or emoji also ends the old `until`.',
    input: z.strictObject({
      status: z.enum(['auto', 'dnd', 'invisible']).optional(),
      idle: z.boolean().optional(),
      text: line(0, 100).nullable().optional(),
      emoji: Emoji.nullable().optional(),
      until: Timestamp.nullable().optional(),
    }),
    output: Presence,
    errors: ['silenced', 'text_rejected'],
  }),
  'presence:watch': client({
    summary:
      'The people on this screen: answers how they appear now, and `presence` tells of changes from here on. Replaces the people watched before.',
    input: z.strictObject({ userIds: z.array(Id).max(LIMITS.watched) }),
    output: z.object({ users: z.array(Presence) }),
  }),
  'match:find': client({
    summary:
      'Meet a stranger: common languages and interests first, anybody the longer it takes. Answers at once; `match` tells when there is somebody. Ends a match I am in.',
    input: MatchWishes,
    output: MatchState,
    errors: ['age_confirmation_required', 'silenced'],
  }),
  'match:next': client({
    summary: 'Leave this stranger and look for another, with the same wishes.',
    input: z.strictObject({}),
    output: MatchState,
    errors: ['age_confirmation_required', 'not_found', 'silenced'],
  }),
  'match:stop': client({
    summary: 'Look no more, and leave the stranger. Idempotent.',
    input: z.strictObject({}),
    output: MatchState,
  }),
  'match:state': client({
    summary: 'How things stand, such as after a reconnect: a match outlives a short cut.',
    input: z.strictObject({}),
    output: MatchState,
  }),
  heartbeat: client({
    summary:
      'Keep the connection’s authorization fresh: with a new access token of the same session it lives on until that one expires.',
    input: z.strictObject({ token: z.string().max(4096).optional() }),
    output: z.object({ serverTime: Timestamp, expiresAt: Timestamp }),
    errors: ['unauthenticated', 'token_expired', 'session_ended'],
  }),
} as const satisfies Record<string, ClientEventSpec>;

/**
 * Server to client. `message`, `room`, `member`, `read` and numbered `me` events carry `rev`, the room change they tell of:
 * a client at rev R applies R+1 and asks `sync` when it sees a later one.
 */
export const serverEvents = {
  message: server({
    summary: 'The whole current state of a message: new, edited or deleted alike.',
    payload: roomPayloads.message,
  }),
  room: server({
    summary: 'The whole current state of a room’s own fields.',
    payload: roomPayloads.room,
  }),
  member: server({
    summary:
      'Someone joined, left (`leftAt`) or changed role. Sent to that person on all their connections too, whether they follow the room or not.',
    payload: roomPayloads.member,
  }),
  read: server({
    summary: 'Someone else’s read mark, in rooms that show them.',
    payload: roomPayloads.read,
  }),
  me: server({
    summary:
      'My own membership: read mark, settings, stars, votes. Sent to my connections only; the state with the higher `me.mine` wins.',
    payload: z.object({
      roomId: Id,
      rev: Counter.meta({ description: 'The room’s rev at which `unread` and `mentions` were counted.' }),
      numbered: z
        .boolean()
        .meta({ description: 'true: it is also the room’s change `rev`, told to the others as `read` or `member`.' }),
      me: MyMembership,
      unread: z.int(),
      mentions: z.int(),
    }),
  }),
  typing: server({
    summary: 'Someone is writing. Take it for true for 6 s.',
    payload: z.object({ roomId: Id, userId: Id }),
  }),
  presence: server({
    summary: 'Those of the people I watch who changed, gathered over up to a second.',
    payload: z.object({ users: z.array(Presence) }),
  }),
  blocks: server({
    summary: 'The people I block, all of them, after a change on any of my devices.',
    payload: z.object({ userIds: z.array(Id) }),
  }),
  match: server({
    summary: 'How things stand between me and strangers, after every change. Sent to all my connections.',
    payload: MatchState,
  }),
  notice: server({
    summary: 'Something the place has to tell me. It is kept: GET /api/notices.',
    payload: z.object({ notice: Notice, unseen: z.int() }),
  }),
  moderation: server({
    summary:
      'To moderators: something new waits, or was decided. Which, `held`, `cases` and `appeals` tell. `roomId` null: not of one room. At most one a second of a kind.',
    payload: z.object({
      what: z.enum(['held', 'case', 'appeal', 'alert', 'raid']).meta({
        description:
          'held: messages that wait for approval. case: reports. alert: a rule of automod that tells moderators. raid: one begins.',
      }),
      roomId: Id.nullable(),
    }),
  }),
  'session:ended': server({
    summary: 'Sent before the server closes the connection for good, with the reason.',
    payload: z.object({ reason: z.enum(['signed_out', 'token_expired', 'revoked', 'banned', 'disabled', 'shutdown']) }),
  }),
} as const satisfies Record<string, ServerEventSpec>;

export type ClientEventName = keyof typeof clientEvents;
export type ServerEventName = keyof typeof serverEvents;
export type ClientEventInput<N extends ClientEventName> = z.input<(typeof clientEvents)[N]['input']>;
export type ClientEventParsed<N extends ClientEventName> = z.output<(typeof clientEvents)[N]['input']>;
export type ClientEventOutput<N extends ClientEventName> = z.output<(typeof clientEvents)[N]['output']>;
export type ServerEventPayload<N extends ServerEventName> = z.output<(typeof serverEvents)[N]['payload']>;

/** The acknowledgement of every client event. */
export type Ack<T> = { ok: true; data: T } | { ok: false; error: ErrorBody };

/** Socket.IO's type parameters. */
export type ClientToServerEvents = {
  [N in ClientEventName]: (input: ClientEventInput<N>, ack: (answer: Ack<ClientEventOutput<N>>) => void) => void;
};
export type ServerToClientEvents = { [N in ServerEventName]: (payload: ServerEventPayload<N>) => void };
