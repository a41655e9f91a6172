import type { Server, Socket } from 'socket.io';
import type { ClientToServerEvents, ServerToClientEvents } from '@confab/protocol';
import type { Actor } from '../actor.ts';
import type { Bus, Channel, EventFrame, Frame, Unsubscribe } from '../bus/index.ts';
import type { Metrics } from '../metrics.ts';

export interface SocketData {
  actor: Actor;
  /** Epoch ms at which the access token runs out. */
  expiresAt: number;
}
export type ConfabServer = Server<ClientToServerEvents, ServerToClientEvents, Record<string, never>, SocketData>;
export type ConfabSocket = Socket<ClientToServerEvents, ServerToClientEvents, Record<string, never>, SocketData>;

/**
 * Brings frames from the bus to the sockets of this node that follow their channel. A channel is subscribed on the bus
 * while at least one local socket follows it. Each frame is encoded once, by Socket.IO's in-memory adapter.
 */
export class Hub {
  readonly #io: ConfabServer;
  readonly #bus: Bus;
  readonly #metrics: Metrics;
  readonly #subscriptions = new Map<string, Promise<Unsubscribe>>();

  constructor(io: ConfabServer, bus: Bus, metrics: Metrics) {
    this.#io = io;
    this.#bus = bus;
    this.#metrics = metrics;
    const adapter = io.of('/').adapter;
    adapter.on('create-room', (channel: string) => this.#subscribe(channel));
    adapter.on('delete-room', (channel: string) => this.#unsubscribe(channel));
  }

  /** Resolves once the channel's frames will reach the socket. Idempotent. */
  async follow(socket: ConfabSocket, channel: Channel): Promise<void> {
    // One that is gone would be remembered by the adapter for good.
    if (socket.disconnected) return;
    await socket.join(channel);
    await this.#subscriptions.get(channel);
  }

  /** Idempotent. */
  unfollow(socket: ConfabSocket, channel: Channel): void {
    void socket.leave(channel);
  }

  #subscribe(channel: string): void {
    // The adapter also makes a room for each socket's own id.
    if (isChannel(channel))
      this.#subscriptions.set(
        channel,
        this.#bus.subscribe(channel, (frame) => this.#deliver(channel, frame)),
      );
  }

  #unsubscribe(channel: string): void {
    const subscription = this.#subscriptions.get(channel);
    this.#subscriptions.delete(channel);
    void subscription?.then((unsubscribe) => unsubscribe());
  }

  #deliver(channel: Channel, frame: Frame): void {
    if (frame.event === 'sessions:ended') return;
    if (frame.event === 'member') this.#applyMembership(frame.payload);
    this.#emit(channel, frame);
    if (frame.event === 'room' && frame.payload.room.deletedAt !== null) {
      this.#io.in(channel).socketsLeave(channel);
    }
  }

  #emit(channel: Channel, frame: EventFrame): void {
    const rooms = this.#io.of('/').adapter.rooms;
    const passedOver = frame.except === undefined ? 0 : (rooms.get(`user:${frame.except}`)?.size ?? 0);
    this.#metrics.deliveries.inc(Math.max(0, (rooms.get(channel)?.size ?? 0) - passedOver));
    const target =
      frame.except === undefined ? this.#io.to(channel) : this.#io.to(channel).except(`user:${frame.except}`);
    // The table pairs each event with its payload; the emitter's type cannot see the pair through the union.
    (target.emit as (event: string, payload: unknown) => void)(frame.event, frame.payload);
  }

  // A person's connections follow their rooms: from joining on, and not one frame beyond leaving.
  #applyMembership({ member }: { member: { roomId: string; userId: string; leftAt: number | null } }): void {
    const theirs = this.#io.in(`user:${member.userId}`);
    if (member.leftAt === null) theirs.socketsJoin(`room:${member.roomId}`);
    else theirs.socketsLeave(`room:${member.roomId}`);
  }
}

function isChannel(name: string): name is Channel {
  return name.startsWith('room:') || name.startsWith('user:');
}
