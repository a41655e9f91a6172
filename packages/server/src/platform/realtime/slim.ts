/**
 * Idle connections in little memory. With `frames.ts` the one place that knows the insides of Socket.IO, Engine.IO and ws; a
 * test fails when a new version of them has others.
 */
import type { EventEmitter } from 'node:events';
import { Slices } from './slices.ts';
import type { ConfabSocket } from './sockets.ts';

type Listener = ((...args: unknown[]) => void) & { listener?: Listener };

interface Emitter extends EventEmitter {
  /** Node's: what listens, by name. */
  _events: Record<string | symbol, Listener | Listener[] | undefined>;
}

/** As far as it is used here: Socket.IO 4, Engine.IO 6 and ws 8. */
interface Insides extends Emitter {
  acks: Map<number, unknown>;
  _anyListeners: Listener[] | undefined;
  handshake: unknown;
  client: Client;
  conn: Conn;
}

interface Client {
  sockets: unknown;
  nsps: unknown;
  ondata: Listener;
  onerror: Listener;
  onclose: Listener;
}

interface Conn extends Emitter {
  request: unknown;
  cleanupFn: unknown[];
  transport: Transport;
  [CLIENT]?: Client;
  onError(error: unknown): void;
  onPacket(packet: unknown): void;
  onDrain(): void;
  onClose(reason: string): void;
  flush(): void;
}

interface Transport extends Emitter {
  /** Long polling has none. */
  socket?: WebSocket;
  [CONN]?: Conn;
  writable: boolean;
  supportsBinary: boolean;
  parser: { encodePacket(packet: unknown, binary: boolean, send: (data: string) => void): void };
  send(packets: readonly unknown[]): void;
  _doSend: unknown;
  _doSendLast: unknown;
  _onSent: unknown;
  _onSentLast: unknown;
  onData(data: unknown): void;
  onError(error: unknown, description?: string): void;
  onClose(): void;
}

interface WebSocket extends Emitter {
  _socket: ({ _peername: unknown } & Emitter) | null;
  _receiver: { _state: number; _mask: Buffer | undefined; _extensions: object } & Emitter;
  _sender: { _extensions: object };
  _extensions: object;
  [TRANSPORT]?: Transport;
  send(data: string, sent: (error?: Error) => void): void;
}

/** Connections whose end is passed on in one turn of the event loop. */
const CLOSED_PER_TURN = 200;

/** Of a receiver that is in the middle of no frame. */
const BETWEEN_FRAMES = 0;

const CLIENT = Symbol('client');
const CONN = Symbol('conn');
const TRANSPORT = Symbol('transport');

/** Socket.IO numbers what clients are to answer uniquely among all connections. */
const acksOfAll = new Map<number, unknown>();
const NO_EXTENSIONS = {};

const closings = new Slices(CLOSED_PER_TURN);

/**
 * Makes an idle connection small; it behaves as before. Lets go of the request that opened it, whose headers and the copy of
 * them in the handshake take more memory than anything else, and of what only its opening needed; and keeps the rest in
 * smaller forms. To be called once, when whoever connects has been let in.
 */
export function slim(socket: ConfabSocket): void {
  const held = socket as unknown as Insides;
  const { client, conn } = held;
  conn.request = undefined;
  held.handshake = undefined;
  held.acks = acksOfAll;
  // What is pushed to has room for more.
  held._anyListeners = held._anyListeners?.slice();
  // There is one namespace, and one socket in it.
  client.sockets = new Only(socket.id, socket);
  client.nsps = new Only('/', socket);
  conn[CLIENT] = client;
  for (const [name, one] of Object.entries(clientListeners)) {
    // By this name Socket.IO removes it.
    const key = `on${name}` as keyof typeof client;
    conn.removeListener(name, client[key] as Listener).on(name, one);
    client[key] = one;
  }
  pack(held);
  pack(conn);
  if (conn.transport.socket !== undefined) slimWebSocket(conn, conn.transport, conn.transport.socket);
}

function slimWebSocket(conn: Conn, transport: Transport, webSocket: WebSocket): void {
  const { _receiver: receiver, _socket: tcp } = webSocket;
  // Of the answer that opened it.
  transport.removeAllListeners('headers');
  transport[CONN] = conn;
  share(transport, transportListeners);
  transport.send = send;
  transport._doSend = transport._doSendLast = transport._onSent = transport._onSentLast = undefined;
  pack(transport);
  // It is the last transport of this connection, and what it says once that is closed is not heeded.
  conn.cleanupFn = [];
  webSocket[TRANSPORT] = transport;
  share(webSocket, webSocketListeners);
  pack(webSocket);
  webSocket._extensions = receiver._extensions = webSocket._sender._extensions = NO_EXTENSIONS;
  pack(receiver);
  if (receiver._state === BETWEEN_FRAMES) letGoOfMask(webSocket);
  if (tcp === null) return;
  pack(tcp);
  // Node asks the system again.
  tcp._peername = undefined;
}

// Node calls listeners as methods of the emitter, so that those of one connection can be those of all.
const clientListeners = {
  data: clientListener('ondata'),
  error: clientListener('onerror'),
  close: clientListener('onclose'),
};

const transportListeners = {
  error: listener((transport: Transport, error) => transport[CONN]?.onError(error)),
  ready: listener((transport: Transport) => transport[CONN]?.flush()),
  packet: listener((transport: Transport, packet) => transport[CONN]?.onPacket(packet)),
  drain: listener((transport: Transport) => transport[CONN]?.onDrain()),
  close: listener((transport: Transport) => transport[CONN]?.onClose('transport close')),
};

const webSocketListeners = {
  message: listener((webSocket: WebSocket, data, isBinary) => {
    letGoOfMask(webSocket);
    webSocket[TRANSPORT]?.onData(isBinary === true ? data : String(data));
  }),
  error: listener((webSocket: WebSocket, error) => webSocket[TRANSPORT]?.onError(error)),
  // A cut network ends all at once, and each is known in many places.
  close: listener((webSocket: WebSocket) => closings.add(() => webSocket[TRANSPORT]?.onClose())),
};

/** It would keep the whole chunk of what was read. Each frame brings its own. */
function letGoOfMask({ _receiver: receiver }: WebSocket): void {
  receiver._mask = undefined;
}

/** As Engine.IO's, which has four functions for each connection. */
function send(this: Transport, packets: readonly unknown[]): void {
  this.writable = false;
  for (const [i, packet] of packets.entries()) {
    const isLast = i === packets.length - 1;
    this.parser.encodePacket(packet, this.supportsBinary, (data) =>
      this.socket?.send(data, (error) => sent(this, isLast, error)),
    );
  }
}

function sent(transport: Transport, isLast: boolean, error: Error | undefined): void {
  // ws answers null where there is none.
  if (error) {
    transport.onError('write error', error.stack);
  } else if (isLast) {
    transport.emit('drain');
    transport.writable = true;
    transport.emit('ready');
  }
}

function listener<E>(heard: (emitter: E, ...args: unknown[]) => void): Listener {
  return function (this: E, ...args) {
    heard(this, ...args);
  };
}

/** In the place of a bound method: called by the connection, and by the client itself. */
function clientListener(name: 'ondata' | 'onerror' | 'onclose'): Listener {
  return function (this: Conn | Client, ...args) {
    const client = CLIENT in this && this[CLIENT] !== undefined ? this[CLIENT] : (this as Client);
    const methods = Object.getPrototypeOf(client) as Client;
    methods[name].apply(client, args);
  };
}

/** Puts those of all in the place of those of its own. */
function share(emitter: Emitter, ofAll: Readonly<Record<string, Listener>>): void {
  for (const [name, one] of Object.entries(ofAll)) emitter.removeAllListeners(name).on(name, one);
}

/**
 * Objects without a prototype, as Node has them, are hash tables to V8; made by a constructor they are a few fields. Names
 * come from clients as well: nothing may be inherited.
 */
const Listeners = function () {} as unknown as { new (): Emitter['_events']; prototype: object };
Listeners.prototype = Object.create(null) as object;

/** What listens once is kept without what would take it away: all of it is to an end, which comes once. */
function pack(emitter: Emitter): void {
  const packed = new Listeners();
  for (const name of Reflect.ownKeys(emitter._events)) {
    const listeners = emitter._events[name];
    if (listeners === undefined) continue;
    // In place: Node counts in the array itself who is going through it, and leaves none out because another was removed.
    if (Array.isArray(listeners)) for (const [i, one] of listeners.entries()) listeners[i] = always(one);
    packed[name] = Array.isArray(listeners) ? listeners : always(listeners);
  }
  emitter._events = packed;
}

function always(one: Listener): Listener {
  return one.listener ?? one;
}

/** As much of a Map as Socket.IO uses, with one entry. */
class Only<K, V> {
  #key: K | undefined;
  #value: V | undefined;

  constructor(key: K, value: V) {
    this.#key = key;
    this.#value = value;
  }

  get size(): number {
    return this.#key === undefined ? 0 : 1;
  }

  has(key: K): boolean {
    return key === this.#key;
  }

  get(key: K): V | undefined {
    return key === this.#key ? this.#value : undefined;
  }

  delete(key: K): void {
    if (key === this.#key) this.clear();
  }

  clear(): void {
    this.#key = undefined;
    this.#value = undefined;
  }

  values(): V[] {
    return this.#value === undefined ? [] : [this.#value];
  }
}
