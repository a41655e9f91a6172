/** Binds `clientEvents` of the protocol to handlers. Modules see these types; Socket.IO is only seen by the siblings. */
import type {
  ClientEventName,
  ClientEventOutput,
  ClientEventParsed,
  ServerEventName,
  ServerEventPayload,
} from '@confab/protocol';
import type { Actor } from '../actor.ts';

/** One live connection, as far as handlers may touch it. */
export interface Connection {
  readonly id: string;
  readonly actor: Actor;
  /** From here on the room's events arrive; resolves when they will. Idempotent. */
  follow(roomId: string): Promise<void>;
  /** No more events of the room on this connection. Idempotent. */
  unfollow(roomId: string): void;
  /** Like `unfollow`, whatever becomes of the membership, until `follow`. Idempotent. */
  leave(roomId: string): void;
  /** Says something to this connection alone. */
  tell<N extends ServerEventName>(event: N, payload: ServerEventPayload<N>): void;
  /** Epoch ms: when its access token expires, and with it the connection. */
  readonly expiresAt: number;
  /** Lives on until `expiresAt` (epoch ms). */
  extend(expiresAt: number): void;
}

export interface EventRequest<N extends ClientEventName> {
  input: ClientEventParsed<N>;
  actor: Actor;
  connection: Connection;
  requestId: string;
}

/** One handler per event. Throws `ProtocolError` to refuse; anything else it throws becomes `internal`. */
export type EventHandlers<N extends ClientEventName = ClientEventName> = {
  [K in N]: (request: EventRequest<K>) => Promise<ClientEventOutput<K>>;
};
