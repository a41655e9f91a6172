/** Socket.IO's server and sockets, as they are here. */
import type { ClientToServerEvents, ServerToClientEvents } from '@confab/protocol';
import type { Server, Socket } from 'socket.io';
import type { Connection } from './index.ts';

/** One event as it goes over the wire. */
export interface Encoded {
  /** The Socket.IO packet, as Engine.IO takes it. */
  text: string;
  /** The same as a WebSocket frame. */
  frame: Buffer;
}

/** How an event goes out: see `Outlet.write`. */
export type Delivery = 'at once' | 'gathered' | 'volatile';

/** Takes events that were encoded for many. */
export interface Outgoing {
  write(encoded: readonly Encoded[], frames: Buffer, how: Delivery): void;
}

/** Of one that was let in. */
export interface SocketData extends Connection {
  /** Resolves once it follows its rooms; none when it does. */
  ready: Promise<void> | undefined;
  /** Events under way. */
  waiting: number;
  /** Events so far. */
  count: number;
  /** Made when it is first written to. */
  outlet: Outgoing | undefined;
  /** Runs `count` after those before it: events are handled in the order in which they came, wherever they are counted. */
  inTurn(count: () => Promise<void>): Promise<void>;
}

export type ConfabServer = Server<ClientToServerEvents, ServerToClientEvents, Record<string, never>, SocketData>;
export type ConfabSocket = Socket<ClientToServerEvents, ServerToClientEvents, Record<string, never>, SocketData>;
