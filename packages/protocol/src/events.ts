/** The event table of the socket, namespace `/`: names, inputs and answers, and what the server says on its own. */
import { z } from 'zod';
import {
  Body,
  LIMITS,
  Member,
  Message,
  MessagePage,
  PublicUser,
  Room,
  RoomChanges,
  RoomSnapshot,
  RoomSummary,
} from './entities.ts';
import { ErrorBody, type ErrorCode } from './errors.ts';
import { Counter, Id, Timestamp } from './ids.ts';
import { ONE_ANCHOR, oneAnchor, SendInput } from './rest.ts';

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

/** Client to server. Each is acknowledged with `{ok:true,data}` or `{ok:false,error}`. */
export const clientEvents = {
  'room:join': client({
    summary: 'Open a room: from here on its events arrive, beginning with the change after the snapshot’s rev.',
    input: z.strictObject({ roomId: Id }),
    output: RoomSnapshot,
    errors: ['not_found'],
  }),
  'room:leave': client({
    summary: 'Stop receiving a room’s events on this connection. The membership stays.',
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
      'Send. Acknowledged once the message is committed; a retry with the same clientId answers the message that was stored first.',
    input: SendInput.extend({ roomId: Id }),
    output: Message,
    errors: ['not_found', 'forbidden', 'client_id_reused', 'overloaded'],
  }),
  'message:edit': client({
    summary: 'Change the body of my message.',
    input: z.strictObject({ roomId: Id, messageId: Id, body: Body }),
    output: Message,
    errors: ['not_found', 'forbidden', 'message_deleted'],
  }),
  'message:delete': client({
    summary: 'Delete for everyone: the body is erased, the number stays.',
    input: z.strictObject({ roomId: Id, messageId: Id }),
    output: Message,
    errors: ['not_found', 'forbidden'],
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
    errors: ['not_found'],
  }),
  sync: client({
    summary:
      'Everything that changed since what this client holds, in all its rooms at once. Call again with the new revs while `hasMore`. From here on the events of all these rooms arrive.',
    input: z.strictObject({
      // Every room the client holds, so that the answer can name those it lacks.
      rooms: z.array(z.strictObject({ roomId: Id, rev: Counter, lastReadN: Counter })).max(LIMITS.syncRooms),
    }),
    output: z.object({
      changed: z.array(RoomChanges),
      added: z.array(RoomSummary).meta({ description: 'My rooms that the client did not name.' }),
      gone: z.array(Id).meta({ description: 'Rooms the client named that are not mine.' }),
      users: z.array(PublicUser).meta({ description: 'Profiles of everyone named in `added`.' }),
      hasMore: z.boolean(),
    }),
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
 * Server to client. `message`, `room`, `member` and numbered `read` events carry `rev`, the room change they tell of:
 * a client at rev R applies R+1 and asks `sync` when it sees a later one.
 */
export const serverEvents = {
  message: server({
    summary: 'The whole current state of a message: new, edited or deleted alike.',
    payload: z.object({ roomId: Id, rev: Counter, message: Message, user: PublicUser }),
  }),
  room: server({
    summary: 'The whole current state of a room’s own fields.',
    payload: z.object({ roomId: Id, rev: Counter, room: Room }),
  }),
  member: server({
    summary: 'Someone joined, left (`leftAt`) or changed role. Sent to that person on all their connections too.',
    payload: z.object({ roomId: Id, rev: Counter, member: Member, user: PublicUser, memberCount: z.int() }),
  }),
  read: server({
    summary:
      'Someone’s read mark. Numbered where receipts are shown to others; `unread` only in what I receive of myself.',
    payload: z.object({
      roomId: Id,
      rev: Counter,
      numbered: z
        .boolean()
        .meta({ description: 'false: `rev` only says when `unread` was counted; it is not a change of its own.' }),
      userId: Id,
      lastReadN: Counter,
      unread: z.int().optional(),
    }),
  }),
  'session:ended': server({
    summary: 'Sent before the server closes the connection for good, with the reason.',
    payload: z.object({ reason: z.enum(['signed_out', 'token_expired', 'revoked', 'shutdown', 'too_slow']) }),
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
