/** Socket.IO's server and sockets, as they are here. */
import type { ClientToServerEvents, ServerToClientEvents } from '@confab/protocol';
import type { Server, Socket } from 'socket.io';
import type { Actor } from '../actor.ts';

export interface SocketData {
  actor: Actor;
  /** Epoch ms at which the access token runs out. */
  expiresAt: number;
}
export type ConfabServer = Server<ClientToServerEvents, ServerToClientEvents, Record<string, never>, SocketData>;
export type ConfabSocket = Socket<ClientToServerEvents, ServerToClientEvents, Record<string, never>, SocketData>;
