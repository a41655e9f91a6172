import type { ServerEventName, ServerEventPayload } from '@confab/protocol';
import type { Actor } from '../actor.ts';
import type { Hub } from './hub.ts';
import type { ConfabSocket, Outgoing, SocketData } from './sockets.ts';

/** A connection that was let in. There are very many, and most are idle: it is one object, and what it waits for is let go of. */
export class LiveConnection implements SocketData {
  readonly actor: Actor;
  expiresAt: number;
  ready: Promise<void> | undefined;
  waiting = 0;
  count = 0;
  outlet: Outgoing | undefined;
  readonly #socket: ConfabSocket;
  readonly #hub: Hub;
  #counted: Promise<void> | undefined;

  constructor(socket: ConfabSocket, hub: Hub, actor: Actor, expiresAt: number) {
    this.#socket = socket;
    this.#hub = hub;
    this.actor = actor;
    this.expiresAt = expiresAt;
  }

  get id(): string {
    return this.#socket.id;
  }

  follow(roomId: string): Promise<void> {
    return this.#hub.follow(this.#socket, `room:${roomId}`);
  }

  unfollow(roomId: string): void {
    this.#hub.unfollow(this.#socket, `room:${roomId}`);
  }

  leave(roomId: string): void {
    this.#hub.leave(this.#socket, `room:${roomId}`);
  }

  tell<N extends ServerEventName>(event: N, payload: ServerEventPayload<N>): void {
    // The table pairs each event with its payload; the emitter's type cannot see the pair through the union.
    (this.#socket.emit as (event: string, payload: unknown) => void)(event, payload);
  }

  extend(expiresAt: number): void {
    this.expiresAt = expiresAt;
  }

  inTurn(count: () => Promise<void>): Promise<void> {
    const turn = (this.#counted ?? Promise.resolve()).then(count);
    const done = () => {
      if (this.#counted === counted) this.#counted = undefined;
    };
    const counted = turn.then(done, done);
    this.#counted = counted;
    return turn;
  }
}
