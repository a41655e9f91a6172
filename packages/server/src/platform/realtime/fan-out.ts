import type { Clock, Timer } from '../clock.ts';
import { encodeEvent, Outlet } from './frames.ts';
import type { ConfabServer, Delivery, Encoded, Outgoing } from './sockets.ts';

/**
 * Milliseconds from one round of writing to the next for each connection that follows the channel, on average: some five
 * times what it takes, so that one busy room leaves most of the process to the others.
 */
const SPACE_PER_SOCKET = 0.03;
const MAX_SPACE = 100;
/** Shorter than this is not worth a timer: small rooms are never kept waiting. */
const MIN_SPACE = 4;
/** Milliseconds that a patient event waits at most. */
const PATIENCE = 250;

interface Waiting {
  encoded: Encoded;
  /** Channels whose followers are spared. */
  except: readonly string[];
}

/** A channel on which something was said. */
interface Channel {
  readonly name: string;
  /** Of those that follow it, while nobody comes or goes: quicker to go through. */
  outlets: readonly Outgoing[] | undefined;
  /** When the next round is due on average, in ms of the clock. A round may come one space early (GCRA, ITU-T I.371). */
  dueAt: number;
  waiting: Waiting[];
  /** Whether some of what waits is not patient. */
  pressing: boolean;
  timer: Timer | undefined;
}

/**
 * Writes events to all connections that follow a channel. Each is encoded once. Where many follow, events that come faster
 * than they can be written go out together, in one write for each connection; at any other time each goes out at once.
 * Events of one channel keep their order.
 */
export class FanOut {
  readonly #io: ConfabServer;
  readonly #clock: Clock;
  readonly #channels = new Map<string, Channel>();

  constructor(io: ConfabServer, clock: Clock) {
    this.#io = io;
    this.#clock = clock;
    const { adapter } = io.of('/');
    // What was said before somebody came is not said to them, and what was said before they left is.
    adapter.on('join-room', (name: string, id: string) => {
      this.#change(name, (ids) => ids.filter((other) => other !== id));
    });
    adapter.on('leave-room', (name: string, id: string) => this.#change(name, (ids) => [...ids, id]));
    adapter.on('delete-room', (name: string) => {
      this.#channels.get(name)?.timer?.cancel();
      this.#channels.delete(name);
    });
  }

  /** To all that follow the channel. */
  emit(name: string, event: string, payload: unknown): void {
    const followers = this.#followers(name);
    if (followers.size === 0) return;
    const space = spaceOf(followers.size);
    const encoded = encodeEvent(event, payload);
    if (space < MIN_SPACE) {
      this.flush(name);
      writeTo(this.#outlets(followers), [encoded], 'gathered');
      return;
    }
    const channel = this.#channel(name);
    channel.waiting.push({ encoded, except: [] });
    if (channel.pressing) return;
    channel.pressing = true;
    const early = channel.dueAt - space - this.#clock.now();
    channel.timer?.cancel();
    if (early <= 0) this.#write(channel);
    else channel.timer = this.#clock.setTimeout(() => this.#write(channel), early);
  }

  /**
   * To those that follow the channel but none of `except`. Where many follow it waits for the next event to go out with, up
   * to a quarter of a second: what is said is not slowed down by many who come and go. Who begins to follow meanwhile is told
   * as well, who stops is not.
   */
  emitPatient(name: string, except: readonly string[], event: string, payload: unknown): void {
    const { size } = this.#followers(name);
    if (size === 0) return;
    if (spaceOf(size) < MIN_SPACE) return this.emitExcept(name, except, event, payload);
    const channel = this.#channel(name);
    channel.waiting.push({ encoded: encodeEvent(event, payload), except });
    channel.timer ??= this.#clock.setTimeout(() => this.#write(channel), PATIENCE);
  }

  /** To those that follow the channel but none of `except`, after what waits. */
  emitExcept(name: string, except: readonly string[], event: string, payload: unknown): void {
    this.flush(name);
    writeTo(this.#outlets(this.#others(name, except)), [encodeEvent(event, payload)], 'gathered');
  }

  /** To those that can take it at once, likewise. It may overtake what waits. */
  emitVolatile(name: string, except: readonly string[], event: string, payload: unknown): void {
    writeTo(this.#outlets(this.#others(name, except)), [encodeEvent(event, payload)], 'volatile');
  }

  /** What waits goes out. */
  flush(name: string): void {
    const channel = this.#channels.get(name);
    if (channel !== undefined && channel.waiting.length > 0) this.#write(channel);
  }

  #change(name: string, before: (followers: string[]) => string[]): void {
    const channel = this.#channels.get(name);
    if (channel === undefined) return;
    if (channel.pressing) {
      channel.outlets = this.#outlets(before([...this.#followers(name)]));
      this.#write(channel);
    }
    channel.outlets = undefined;
  }

  #channel(name: string): Channel {
    const known = this.#channels.get(name);
    if (known !== undefined) return known;
    const channel = { name, outlets: undefined, dueAt: 0, waiting: [], pressing: false, timer: undefined };
    this.#channels.set(name, channel);
    return channel;
  }

  #followers(name: string): ReadonlySet<string> {
    return this.#io.of('/').adapter.rooms.get(name) ?? NOBODY;
  }

  #write(channel: Channel): void {
    channel.timer?.cancel();
    channel.timer = undefined;
    const now = this.#clock.now();
    const space = spaceOf(this.#followers(channel.name).size);
    // A round that someone's coming or going brings forward is not owed: many of them would keep later events waiting.
    channel.dueAt = Math.min(Math.max(channel.dueAt, now) + space, now + 2 * space);
    const { waiting } = channel;
    channel.waiting = [];
    channel.pressing = false;
    channel.outlets ??= this.#outlets(this.#followers(channel.name));
    this.#writeWaiting(channel.outlets, waiting);
  }

  #writeWaiting(outlets: readonly Outgoing[], waiting: readonly Waiting[]): void {
    const all = waiting.map(({ encoded }) => encoded);
    const excepted = new Set(waiting.flatMap(({ except }) => except.flatMap((other) => [...this.#followers(other)])));
    if (excepted.size === 0) return writeTo(outlets, all, 'at once');
    const apart = new Map([...excepted].flatMap((id) => this.#outlets([id]).map((outlet) => [outlet, id])));
    writeTo(
      outlets.filter((outlet) => !apart.has(outlet)),
      all,
      'at once',
    );
    for (const outlet of outlets) {
      const id = apart.get(outlet);
      if (id === undefined) continue;
      const theirs = waiting.filter(({ except }) => !except.some((other) => this.#followers(other).has(id)));
      writeTo(
        [outlet],
        theirs.map(({ encoded }) => encoded),
        'at once',
      );
    }
  }

  #others(name: string, except: readonly string[]): Iterable<string> {
    const spared = except.map((other) => this.#followers(other));
    return [...this.#followers(name)].filter((id) => !spared.some((others) => others.has(id)));
  }

  #outlets(ids: Iterable<string>): Outgoing[] {
    const { sockets } = this.#io.of('/');
    return [...ids].flatMap((id) => {
      const socket = sockets.get(id);
      return socket === undefined ? [] : [(socket.data.outlet ??= new Outlet(socket))];
    });
  }
}

const NOBODY: ReadonlySet<string> = new Set();

function spaceOf(followers: number): number {
  return Math.round(Math.min(MAX_SPACE, followers * SPACE_PER_SOCKET));
}

function writeTo(outlets: readonly Outgoing[], encoded: readonly Encoded[], how: Delivery): void {
  if (encoded.length === 0) return;
  const [only] = encoded;
  const frames = encoded.length === 1 && only ? only.frame : Buffer.concat(encoded.map(({ frame }) => frame));
  for (const outlet of outlets) outlet.write(encoded, frames, how);
}
