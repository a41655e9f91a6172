import type { Server as HttpServer } from 'node:http';
import {
  clientEvents,
  type ClientEventName,
  type ErrorBody,
  GUESTS_MAY,
  hearsRooms,
  ProtocolError,
  SCOPE_OF_EVENT,
  type ServerEventPayload,
} from '@confab/protocol';
import { Server } from 'socket.io';
import type { z } from 'zod';
import type { Actor } from '../actor.ts';
import type { Bus } from '../bus/index.ts';
import type { Clock, Timer } from '../clock.ts';
import { errorBody, parseInput, toProtocolError } from '../errors.ts';
import type { LimitName } from '../limiter/index.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { runWithRequest } from '../requests.ts';
import { Admission, type AdmissionOptions } from './admission.ts';
import { Hub, type HubObserver } from './hub.ts';
import type { ConfabServer, ConfabSocket, SocketData } from './sockets.ts';
import type { Connection, EventHandlers } from './index.ts';
import { LiveConnection } from './live-connection.ts';
import { slim } from './slim.ts';
import { cutSlowConsumers } from './slow-consumers.ts';
import { textParser } from './text-parser.ts';

export interface RealtimeOptions extends AdmissionOptions {
  httpServer: HttpServer;
  handlers: EventHandlers;
  bus: Bus;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  observers: readonly HubObserver[];
  /** What every answer to a long poll carries. */
  headers: Record<string, string>;
  /** The same actor as things stand: a role may have changed since. @throws ProtocolError session_ended */
  current(actor: Actor): Promise<Actor>;
  /** Those of the sessions that have ended. */
  endedSessions(sessionIds: readonly string[]): Promise<string[]>;
  /** A connection was let in. */
  opened(connection: Connection): void;
  /** It is gone; called once for each that was let in. */
  closed(connection: Connection): void;
  /** Rooms a person's connections follow from the start. */
  roomIds(userId: string): Promise<string[]>;
  /** Who left which room a short while ago and is not in it again. */
  leftRecently(): Promise<{ roomId: string; userId: string }[]>;
}

/** Bytes of one frame from a client. */
const MAX_FRAME = 64 * 1024;
/** Time a connection has to present its token. */
const HANDSHAKE_MS = 5000;
/** How often live connections are checked for ended sessions, expired tokens and left rooms, in case a hint was lost. */
const SWEEP_MS = 5000;
/** Time for clients to take the last frames when the server stops. */
const GOODBYE_MS = 3000;
/** How often connections are looked over for those that do not keep up with reading. */
const SLOW_MS = 1000;
/** Events of one connection that may be waiting for their answers. */
const MAX_IN_FLIGHT = 200;

type EndReason = ServerEventPayload<'session:ended'>['reason'];

/** The socket side: one binder from `clientEvents` to handlers, and the end of sessions. */
export class Realtime {
  readonly #options: RealtimeOptions;
  readonly #io: ConfabServer;
  readonly #hub: Hub;
  readonly #admission: Admission;
  readonly #onDisconnect = ofAll((socket) => this.#closed(socket));
  readonly #onEvent = ofAll((socket, event: string, ...args: unknown[]) => this.#take(socket.data, event, args));
  #sweeper: Timer | undefined;
  #slowCutter: Timer | undefined;
  #inFlight = 0;
  #idle: (() => void) | undefined;
  #stopping = false;

  constructor(options: RealtimeOptions) {
    this.#options = options;
    this.#admission = new Admission(options);
    // Node leaves a connection that asks for another protocol to whoever takes it over. Engine.IO takes over its own path
    // only, and listens for errors late: until then a reset would end the process.
    const onBroken = (error: unknown) => options.log.debug({ err: error }, 'a connection broke while it was upgraded');
    options.httpServer.on('upgrade', (_request, socket) => socket.on('error', onBroken));
    this.#io = new Server(options.httpServer, {
      serveClient: false,
      connectTimeout: HANDSHAKE_MS,
      maxHttpBufferSize: MAX_FRAME,
      parser: textParser,
      perMessageDeflate: false,
      httpCompression: false,
      allowRequest: (request, callback) => {
        this.#admission.ask(request, () => this.#io.engine.clientsCount, callback);
      },
    });
    this.#io.engine.on('connection', (conn: ConfabSocket['conn']) => this.#admission.opened(conn));
    options.httpServer.prependListener('request', ({ url = '' }, response) => {
      if (url.startsWith(this.#io.path())) response.setHeaders(new Map(Object.entries(options.headers)));
    });
    this.#hub = new Hub(this.#io, options.bus, options.metrics, options.clock, options.observers);
    this.#io.use((socket, next) => {
      this.#admit(socket).then(
        () => next(),
        (error: unknown) => next(refusal(this.#report(error, 'connect', socket.id))),
      );
    });
    this.#io.on('connection', (socket) => this.#serve(socket));
  }

  async start(): Promise<void> {
    await this.#options.bus.subscribe('sessions', (frame) => {
      if (frame.event === 'sessions:ended')
        this.#end(new Set(frame.payload.sessionIds), toldReason(frame.payload.reason));
    });
    this.#sweeper = this.#options.clock.setInterval(() => {
      this.#sweep().catch((error: unknown) => this.#options.log.warn({ err: error }, 'session sweep failed'));
      this.#sweepRooms().catch((error: unknown) => this.#options.log.warn({ err: error }, 'room sweep failed'));
    }, SWEEP_MS);
    this.#slowCutter = this.#options.clock.setInterval(() => {
      cutSlowConsumers(this.#io.of('/').sockets.values(), this.#options.log, this.#options.metrics);
    }, SLOW_MS);
  }

  get connections(): number {
    return this.#io.of('/').sockets.size;
  }

  /** Refuses new connections and events, waits for the answers under way, then closes every socket with the reason. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#admission.close();
    this.#sweeper?.cancel();
    this.#slowCutter?.cancel();
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    const goodbyes = [...this.#io.of('/').sockets.values()].map((socket) => {
      const closed = new Promise<void>((resolve) => socket.conn.once('close', () => resolve()));
      endSocket(socket, 'shutdown');
      return closed;
    });
    // Closing the engine throws away what is not yet written; who does not read gets no longer than this.
    const patience = Promise.withResolvers<void>();
    const timer = this.#options.clock.setTimeout(patience.resolve, GOODBYE_MS);
    await Promise.race([Promise.all(goodbyes), patience.promise]);
    timer.cancel();
    this.#io.engine.close();
  }

  async #admit(socket: ConfabSocket): Promise<void> {
    const { actor, expiresAt } = await this.#admission.admit(socket);
    socket.data = new LiveConnection(socket, this.#hub, actor, expiresAt);
  }

  #serve(socket: ConfabSocket): void {
    socket.on('disconnect', this.#onDisconnect);
    socket.onAny(this.#onEvent);
    slim(socket);
    // Its own room, which nobody speaks to.
    void socket.leave(socket.id);
    const { data: connection } = socket;
    const { actor } = connection;
    this.#options.metrics.connections.set(this.connections);
    // Events wait for this, so that what a client learns by asking is never newer than what it is told.
    if (hearsRooms(actor.scopes)) {
      connection.ready = this.#hub.followAll(socket, actor, () => this.#options.roomIds(actor.userId));
      connection.ready.then(
        () => (connection.ready = undefined),
        (error: unknown) => {
          this.#options.log.error({ err: error }, 'a connection could not follow its rooms');
          socket.disconnect(true);
        },
      );
    }
    this.#options.opened(connection);
  }

  #closed(socket: ConfabSocket): void {
    this.#options.metrics.connections.set(this.connections);
    // A client may leave and keep the transport: nobody would look after it.
    socket.conn.close();
    this.#options.closed(socket.data);
  }

  #take(connection: SocketData, event: string, args: unknown[]): void {
    const last = args.at(-1);
    const ack = typeof last === 'function' ? (last as (answer: unknown) => void) : undefined;
    const answer = (value: unknown) => ack?.(value);
    connection.count += 1;
    const requestId = `${connection.id}-${connection.count}`;
    const fail = (error: unknown) => answer({ ok: false, error: this.#report(error, event, requestId) });
    if (connection.waiting >= MAX_IN_FLIGHT) return fail(new ProtocolError('too_many_requests'));
    connection.waiting += 1;
    this.#inFlight += 1;
    void runWithRequest(requestId, async () => {
      try {
        const input = ack === undefined ? args : args.slice(0, -1);
        await connection.inTurn(() => this.#options.limiter.take(limitOf(event), connection.actor.userId));
        answer({ ok: true, data: await this.#handle(event, input, connection, requestId) });
        this.#options.metrics.socketEvents.inc({ event, outcome: 'ok' });
      } catch (error) {
        fail(error);
      } finally {
        connection.waiting -= 1;
        this.#inFlight -= 1;
        if (this.#inFlight === 0) this.#idle?.();
      }
    });
  }

  // parse, authorise (the handler, where it loads the thing), act, present
  async #handle(event: string, args: unknown[], connection: SocketData, requestId: string): Promise<unknown> {
    if (this.#stopping) throw new ProtocolError('unavailable');
    if (!isClientEvent(event)) throw new ProtocolError('unknown_event');
    if (args.length > 1) throw new ProtocolError('malformed');
    const input = parseInput<z.ZodType>(clientEvents[event].input, args[0]);
    await connection.ready;
    // One row of the table: the input was parsed by the schema of the very handler it goes to.
    const handler = this.#options.handlers[event] as (request: unknown) => Promise<unknown>;
    const actor = await this.#options.current(connection.actor);
    demandRight(event, actor);
    return handler({ input, actor, connection, requestId });
  }

  #report(error: unknown, event: string, requestId: string): ErrorBody {
    const { code } = toProtocolError(error);
    const known = event === 'connect' || isClientEvent(event) ? event : 'unknown';
    this.#options.metrics.socketEvents.inc({ event: known, outcome: code });
    this.#options.metrics.errors.inc({ code });
    const { log } = this.#options;
    if (code === 'internal') log.error({ err: error, event: known, requestId }, 'a socket event failed');
    else if (code === 'unavailable') log.warn({ err: error, event: known, requestId }, 'a part is unavailable');
    return errorBody(toProtocolError(error), requestId);
  }

  async #sweep(): Promise<void> {
    const now = this.#options.clock.now();
    const sessionIds = new Set<string>();
    for (const socket of this.#io.of('/').sockets.values()) {
      if (socket.data.expiresAt <= now) endSocket(socket, 'token_expired');
      else sessionIds.add(socket.data.actor.sessionId);
    }
    if (sessionIds.size === 0) return;
    this.#end(new Set(await this.#options.endedSessions([...sessionIds])), 'revoked');
  }

  async #sweepRooms(): Promise<void> {
    if (this.connections === 0) return;
    for (const { roomId, userId } of await this.#options.leftRecently()) {
      const listening = this.#hub.followers(`room:${roomId}`, userId);
      if (listening.length === 0) continue;
      for (const socket of listening) this.#hub.unfollow(socket, `room:${roomId}`);
      // Who came back meanwhile may just have been cut off again.
      if (!(await this.#options.roomIds(userId)).includes(roomId)) continue;
      await Promise.all(listening.map((socket) => this.#hub.follow(socket, `room:${roomId}`)));
    }
  }

  #end(sessionIds: ReadonlySet<string>, reason: EndReason): void {
    for (const socket of this.#io.of('/').sockets.values()) {
      if (sessionIds.has(socket.data.actor.sessionId)) endSocket(socket, reason);
    }
  }
}

/** @throws ProtocolError members_only, scope_missing */
function demandRight(event: ClientEventName, { role, scopes }: Actor): void {
  const scope = SCOPE_OF_EVENT[event];
  if (scopes !== null && scope !== 'any' && (scope === null || !scopes.includes(scope))) {
    throw new ProtocolError('scope_missing');
  }
  if (role === 'guest' && !GUESTS_MAY.events.has(event)) throw new ProtocolError('members_only');
}

function limitOf(event: string): LimitName {
  if (event === 'heartbeat') return 'heartbeat';
  if (event === 'match:find' || event === 'match:next') return 'matches';
  return event === 'message:send' || event === 'message:edit' ? 'messages' : 'events';
}

function endSocket(socket: ConfabSocket, reason: EndReason): void {
  socket.emit('session:ended', { reason });
  socket.disconnect(true);
}

/** What a person is told of why their session ended. */
function toldReason(reason: string): EndReason {
  return reason === 'signed_out' || reason === 'banned' || reason === 'disabled' ? reason : 'revoked';
}

function isClientEvent(event: string): event is ClientEventName {
  return Object.hasOwn(clientEvents, event);
}

// Socket.IO hands `data` of a refusal to the client's `connect_error`.
function refusal(body: ErrorBody): Error {
  return Object.assign(new Error(body.code), { data: body });
}

/** One listener for all connections: Socket.IO calls it as a method of the socket. */
function ofAll<A extends unknown[]>(listener: (socket: ConfabSocket, ...args: A) => void) {
  return function heard(this: ConfabSocket, ...args: A): void {
    listener(this, ...args);
  };
}
