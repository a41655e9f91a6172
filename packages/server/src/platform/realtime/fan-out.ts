import type { Clock, Timer } from '../clock.ts';
import type { ConfabServer } from './sockets.ts';
import { type Encoded, encodeEvent, Outlet } from './frames.ts';

/**
 * Milliseconds from one round of writing to the next for each connection that follows the channel, on average: some five
 * times what it takes, so that one busy room leaves most of the process to the others.
 */
const SPACE_PER_SOCKET = 0.03;
const MAX_SPACE = 100;
/** Shorter than this is not worth a timer: small rooms are never kept waiting. */
const MIN_SPACE = 4;

interface Channel {
  outlets: Map<string, Outlet>;
  /** When the next round is due on average, in ms of the clock. A round may come one space early (GCRA, ITU-T I.371). */
  dueAt: number;
  waiting: Encoded[];
  timer: Timer | undefined;
}

/**
 * Writes events to all connections that follow a channel. Each is encoded once. Where many follow, events that come faster
 * than they can be written go out together, in one write for each connection; at any other time each goes out at once.
 * Events of one channel keep their order.
 */
export class FanOut {
  readonly #clock: Clock;
  readonly #channels = new Map<string, Channel>();

  constructor(io: ConfabServer, clock: Clock) {
    this.#clock = clock;
    const { adapter, sockets } = io.of('/');
    adapter.on('join-room', (name: string, id: string) => {
      const socket = sockets.get(id);
      if (socket !== undefined && name !== id) this.#join(name, id, new Outlet(socket));
    });
    adapter.on('leave-room', (name: string, id: string) => this.#leave(name, id));
  }

  /** To all that follow the channel. */
  emit(name: string, event: string, payload: unknown): void {
    const channel = this.#channels.get(name);
    if (channel === undefined) return;
    channel.waiting.push(encodeEvent(event, payload));
    if (channel.timer !== undefined) return;
    const space = spaceOf(channel);
    const early = channel.dueAt - space - this.#clock.now();
    if (space < MIN_SPACE || early <= 0) this.#write(channel);
    else channel.timer = this.#clock.setTimeout(() => this.#write(channel), early);
  }

  /** To those that follow the channel but none of `except`, after what waits. */
  emitExcept(name: string, except: readonly string[], event: string, payload: unknown): void {
    this.flush(name);
    writeTo(this.#others(name, except), [encodeEvent(event, payload)], false);
  }

  /** To those that can take it at once, likewise. It may overtake what waits. */
  emitVolatile(name: string, except: readonly string[], event: string, payload: unknown): void {
    writeTo(this.#others(name, except), [encodeEvent(event, payload)], true);
  }

  /** What waits goes out. */
  flush(name: string): void {
    const channel = this.#channels.get(name);
    if (channel !== undefined && channel.waiting.length > 0) this.#write(channel);
  }

  // What was said before somebody came is not said to them, and what was said before they left is.
  #join(name: string, id: string, outlet: Outlet): void {
    this.flush(name);
    const channel = this.#channels.get(name);
    if (channel === undefined) {
      this.#channels.set(name, { outlets: new Map([[id, outlet]]), dueAt: 0, waiting: [], timer: undefined });
    } else {
      channel.outlets.set(id, outlet);
    }
  }

  #leave(name: string, id: string): void {
    this.flush(name);
    const channel = this.#channels.get(name);
    channel?.outlets.delete(id);
    if (channel?.outlets.size === 0) this.#channels.delete(name);
  }

  #write(channel: Channel): void {
    channel.timer?.cancel();
    channel.timer = undefined;
    const now = this.#clock.now();
    const space = spaceOf(channel);
    // A round that someone's coming or going brings forward is not owed: many of them would keep later events waiting.
    channel.dueAt = Math.min(Math.max(channel.dueAt, now) + space, now + 2 * space);
    const { waiting } = channel;
    channel.waiting = [];
    writeTo(channel.outlets.values(), waiting, false);
  }

  #others(name: string, except: readonly string[]): Iterable<Outlet> {
    const outlets = this.#channels.get(name)?.outlets;
    if (outlets === undefined || except.length === 0) return outlets?.values() ?? [];
    const spared = except.map((other) => this.#channels.get(other)?.outlets);
    return [...outlets].flatMap(([id, outlet]) => (spared.some((others) => others?.has(id)) ? [] : [outlet]));
  }
}

function spaceOf({ outlets }: Channel): number {
  return Math.round(Math.min(MAX_SPACE, outlets.size * SPACE_PER_SOCKET));
}

function writeTo(outlets: Iterable<Outlet>, encoded: readonly Encoded[], volatile: boolean): void {
  const [only] = encoded;
  const frames = encoded.length === 1 && only ? only.frame : Buffer.concat(encoded.map(({ frame }) => frame));
  for (const outlet of outlets) outlet.write(encoded, frames, volatile);
}
