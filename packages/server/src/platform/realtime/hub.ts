import { isGuarded, unheardBy } from '@confab/protocol';
import type { Actor } from '../actor.ts';
import type { Bus, Channel, EventFrame, Frame, Unsubscribe } from '../bus/index.ts';
import type { Clock } from '../clock.ts';
import type { Metrics } from '../metrics.ts';
import { FanOut } from './fan-out.ts';
import type { ConfabServer, ConfabSocket } from './sockets.ts';

/** Hears what the hub tells its sockets. */
export interface HubObserver {
  told(channel: Channel, frame: EventFrame): void;
  /** No socket of this node follows the channel any more: its frames go by unheard. */
  silent?(channel: Channel): void;
}

/**
 * Brings frames from the bus to the sockets of this node that follow their channel. A channel is subscribed on the bus
 * while at least one local socket follows it.
 */
export class Hub {
  readonly #io: ConfabServer;
  readonly #bus: Bus;
  readonly #metrics: Metrics;
  readonly #subscriptions = new Map<string, Promise<Unsubscribe>>();
  /** Of connections that begin to follow their rooms: those they left meanwhile. By id of the socket. */
  readonly #leftMeanwhile = new Map<string, Set<string>>();
  /** Channels that connections left on purpose, although their person is still in the room. */
  readonly #leftOnPurpose = new WeakMap<ConfabSocket, Set<Channel>>();
  readonly #observers: readonly HubObserver[];
  readonly #fanOut: FanOut;

  constructor(io: ConfabServer, bus: Bus, metrics: Metrics, clock: Clock, observers: readonly HubObserver[]) {
    this.#io = io;
    this.#fanOut = new FanOut(io, clock);
    this.#bus = bus;
    this.#metrics = metrics;
    this.#observers = observers;
    const adapter = io.of('/').adapter;
    adapter.on('create-room', (channel: string) => this.#subscribe(channel));
    adapter.on('delete-room', (channel: string) => this.#unsubscribe(channel));
  }

  /** Resolves once the channel's frames will reach the socket, also after it left on purpose. Idempotent. */
  async follow(socket: ConfabSocket, channel: Channel): Promise<void> {
    this.#leftOnPurpose.get(socket)?.delete(channel);
    // One that is gone would be remembered by the adapter for good.
    if (socket.disconnected) return;
    await socket.join(channel);
    await this.#subscriptions.get(channel);
  }

  /**
   * Follows a person's own channel and then their rooms, as `load` answers them, but for those they leave meanwhile: what
   * was read before the leaving may be followed only after it was told.
   */
  async followAll(
    socket: ConfabSocket,
    { userId, scopes }: Pick<Actor, 'userId' | 'scopes'>,
    load: () => Promise<readonly string[]>,
  ): Promise<void> {
    const left = new Set<string>();
    this.#leftMeanwhile.set(socket.id, left);
    for (const event of unheardBy(scopes)) void socket.join(sparedOf(event));
    try {
      await this.follow(socket, `user:${userId}`);
      const roomIds = await load();
      await Promise.all(roomIds.map((roomId) => this.follow(socket, `room:${roomId}`)));
      for (const roomId of left) this.unfollow(socket, `room:${roomId}`);
    } finally {
      this.#leftMeanwhile.delete(socket.id);
    }
  }

  /** Idempotent. */
  unfollow(socket: ConfabSocket, channel: Channel): void {
    void socket.leave(channel);
  }

  /** Like `unfollow`, and no change of the membership makes it follow again: only `follow` does. */
  leave(socket: ConfabSocket, channel: Channel): void {
    // Only what is followed can be left, so that a client cannot have any number of them remembered.
    if (!socket.rooms.has(channel)) return;
    const left = this.#leftOnPurpose.get(socket) ?? new Set();
    this.#leftOnPurpose.set(socket, left.add(channel));
    this.unfollow(socket, channel);
  }

  /** Connections of `userId` on this node that follow the channel. */
  followers(channel: Channel, userId: string): ConfabSocket[] {
    return this.#connections(userId).filter((socket) => socket.rooms.has(channel));
  }

  #connections(userId: string): ConfabSocket[] {
    const { adapter, sockets } = this.#io.of('/');
    return [...(adapter.rooms.get(`user:${userId}`) ?? [])].flatMap((id) => sockets.get(id) ?? []);
  }

  #subscribe(channel: string): void {
    // The adapter also makes a room for each socket's own id.
    if (!isChannel(channel)) return;
    const subscription: Promise<Unsubscribe> = this.#bus.subscribe(channel, (frame) => {
      // An earlier one may end late: it must not deliver a second time.
      if (this.#subscriptions.get(channel) === subscription) this.#deliver(channel, frame);
    });
    this.#subscriptions.set(channel, subscription);
  }

  #unsubscribe(channel: string): void {
    const subscription = this.#subscriptions.get(channel);
    this.#subscriptions.delete(channel);
    void subscription?.then((unsubscribe) => unsubscribe());
    if (isChannel(channel)) for (const observer of this.#observers) observer.silent?.(channel);
  }

  #deliver(channel: Channel, frame: Frame): void {
    // Those are for nodes, and on channels no socket follows.
    if (
      frame.event === 'sessions:ended' ||
      frame.event === 'sessions:changed' ||
      frame.event === 'caches:stale' ||
      frame.event === 'presence:changed'
    )
      return;
    const patient = frame.event === 'member' && this.#applyMembership(frame.payload);
    for (const observer of this.#observers) observer.told(channel, frame);
    this.#emit(channel, frame, patient);
    if (frame.event === 'room' && frame.payload.room.deletedAt !== null) {
      this.#io.in(channel).socketsLeave(channel);
    }
  }

  #emit(channel: Channel, frame: EventFrame, patient: boolean): void {
    const rooms = this.#io.of('/').adapter.rooms;
    const except = (frame.except ?? []).map((userId) => `user:${userId}`);
    const passedOver = except.reduce((sum, theirs) => sum + (rooms.get(theirs)?.size ?? 0), 0);
    if (isGuarded(frame.event)) except.push(sparedOf(frame.event));
    this.#metrics.deliveries.inc(Math.max(0, (rooms.get(channel)?.size ?? 0) - passedOver));
    // What is soon over is not worth keeping for whoever cannot take it now.
    if (frame.event === 'typing') this.#fanOut.emitVolatile(channel, except, frame.event, frame.payload);
    else if (patient) this.#fanOut.emitPatient(channel, except, frame.event, frame.payload);
    else if (except.length > 0) this.#fanOut.emitExcept(channel, except, frame.event, frame.payload);
    else this.#fanOut.emit(channel, frame.event, frame.payload);
  }

  /**
   * A person's connections follow their rooms: from joining on, and not one frame beyond leaving.
   * @returns whether they came or went, as far as this node knows: otherwise they hear of it among what else is said there
   */
  #applyMembership({ member }: { member: { roomId: string; userId: string; leftAt: number | null } }): boolean {
    const channel: Channel = `room:${member.roomId}`;
    const here = this.followers(channel, member.userId).length > 0;
    for (const socket of this.#connections(member.userId)) {
      const meanwhile = this.#leftMeanwhile.get(socket.id);
      if (member.leftAt === null) {
        meanwhile?.delete(member.roomId);
        if (!this.#leftOnPurpose.get(socket)?.has(channel)) void socket.join(channel);
      } else {
        meanwhile?.add(member.roomId);
        this.unfollow(socket, channel);
      }
    }
    return !here || member.leftAt !== null;
  }
}

/** The room of those sockets on this node that are not told such events; no channel. */
function sparedOf(event: string): string {
  return `spared:${event}`;
}

function isChannel(name: string): name is Channel {
  return name.startsWith('room:') || name.startsWith('user:');
}
