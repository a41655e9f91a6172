import type { Clock, Timer } from '../clock.ts';
import type { ConfabServer } from './hub.ts';
import { type Encoded, encodeEvent, writeFrames } from './frames.ts';

/**
 * Milliseconds between two rounds of writing to one channel, for each connection that follows it: about twice what writing
 * to it takes, so that a busy room uses up no more than half of the process.
 */
const PAUSE_PER_SOCKET = 0.025;
const MAX_PAUSE = 100;
/** Shorter than this is not worth a timer: small rooms are never kept waiting. */
const MIN_PAUSE = 4;

interface Waiting {
  encoded: Encoded[];
  timer: Timer;
}

/**
 * Writes events to all connections that follow a channel. Each is encoded once. In a large room events that follow one
 * another closely go out together, in one write for each connection; the first one after a pause goes out at once.
 * Events of one channel keep their order.
 */
export class FanOut {
  readonly #io: ConfabServer;
  readonly #clock: Clock;
  /** When the channel may be written to again, in ms of the clock; only while that lies ahead. */
  readonly #restsUntil = new Map<string, number>();
  readonly #waiting = new Map<string, Waiting>();

  constructor(io: ConfabServer, clock: Clock) {
    this.#io = io;
    this.#clock = clock;
  }

  /** To all that follow the channel. */
  emit(channel: string, event: string, payload: unknown): void {
    const followers = this.#followers(channel);
    if (followers.size === 0) return;
    const encoded = encodeEvent(event, payload);
    const waiting = this.#waiting.get(channel);
    if (waiting !== undefined) {
      waiting.encoded.push(encoded);
      return;
    }
    const now = this.#clock.now();
    const rest = (this.#restsUntil.get(channel) ?? 0) - now;
    if (rest > 0) {
      const timer = this.#clock.setTimeout(() => this.flush(channel), rest);
      this.#waiting.set(channel, { encoded: [encoded], timer });
      return;
    }
    this.#write(channel, followers, [encoded]);
  }

  /** To those that follow the channel but none of `except`, after what waits. */
  emitExcept(channel: string, except: readonly string[], event: string, payload: unknown): void {
    this.flush(channel);
    writeTo(this.#io, this.#others(channel, except), [encodeEvent(event, payload)], false);
  }

  /** To those that can take it at once, likewise. It may overtake what waits. */
  emitVolatile(channel: string, except: readonly string[], event: string, payload: unknown): void {
    writeTo(this.#io, this.#others(channel, except), [encodeEvent(event, payload)], true);
  }

  /** What waits for the channel's followers goes out: before one joins or leaves, and before anything else is said. */
  flush(channel: string): void {
    const waiting = this.#waiting.get(channel);
    if (waiting === undefined) return;
    this.#waiting.delete(channel);
    waiting.timer.cancel();
    this.#write(channel, this.#followers(channel), waiting.encoded);
  }

  /** Nobody follows the channel any more. */
  forget(channel: string): void {
    this.#waiting.get(channel)?.timer.cancel();
    this.#waiting.delete(channel);
    this.#restsUntil.delete(channel);
  }

  #write(channel: string, followers: ReadonlySet<string>, encoded: readonly Encoded[]): void {
    const pause = Math.min(MAX_PAUSE, followers.size * PAUSE_PER_SOCKET);
    if (pause >= MIN_PAUSE) this.#restsUntil.set(channel, this.#clock.now() + pause);
    writeTo(this.#io, followers, encoded, false);
  }

  #followers(channel: string): ReadonlySet<string> {
    return this.#io.of('/').adapter.rooms.get(channel) ?? NOBODY;
  }

  #others(channel: string, except: readonly string[]): Iterable<string> {
    if (except.length === 0) return this.#followers(channel);
    const spared = new Set(except.flatMap((other) => [...this.#followers(other)]));
    return [...this.#followers(channel)].filter((id) => !spared.has(id));
  }
}

const NOBODY: ReadonlySet<string> = new Set();

function writeTo(io: ConfabServer, followers: Iterable<string>, encoded: readonly Encoded[], volatile: boolean): void {
  const { sockets } = io.of('/');
  const [only] = encoded;
  const frames = encoded.length === 1 && only ? only.frame : Buffer.concat(encoded.map(({ frame }) => frame));
  for (const id of followers) {
    const socket = sockets.get(id);
    if (socket !== undefined) writeFrames(socket, encoded, frames, volatile);
  }
}
