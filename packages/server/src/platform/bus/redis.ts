import type { Clock, Timer } from '../clock.ts';
import { StartupError } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { closeRedis, openRedis, type Redis } from '../redis.ts';
import type { Bus, Channel, Frame, Listener, Unsubscribe } from './index.ts';

/** Frames, and bytes of them, that Redis may owe an answer for; what comes beyond is dropped. */
const MAX_WAITING = 10_000;
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** Channels in one command when all are subscribed again. */
const CHUNK = 500;
/** How often the subscriber asks for a sign of life: what only listens would not notice a dead connection. */
const PING_MS = 5000;

export interface RedisBusOptions {
  url: string;
  /** Of every channel: deployments with different ones share a Redis without hearing of each other. */
  prefix: string;
  clock: Clock;
  log: Logger;
  metrics: Pick<Metrics, 'busDropped'>;
}

interface Subscription {
  listeners: Set<Listener>;
  live: Promise<void>;
}

/**
 * The bus of several nodes: sharded pub/sub of Redis 7 or later, one connection to publish and one to listen. While
 * Redis is away frames are dropped, and `subscribe` resolves at once, as there is nothing to miss; once it is back all
 * channels are subscribed again.
 * @throws StartupError
 */
export async function redisBus(options: RedisBusOptions): Promise<RedisBus> {
  const { url, log } = options;
  const publisher = await openRedis({ url, role: 'publisher', log });
  let subscriber: Redis | undefined;
  try {
    subscriber = await openRedis({ url, role: 'subscriber', log });
    await demandShardedChannels(subscriber, options.prefix);
    return new RedisBus(options, publisher, subscriber);
  } catch (error) {
    publisher.disconnect();
    subscriber?.disconnect();
    throw error;
  }
}

export class RedisBus implements Bus {
  readonly #options: RedisBusOptions;
  readonly #publisher: Redis;
  readonly #subscriber: Redis;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #pinger: Timer;
  #waiting = 0;
  #waitingBytes = 0;
  #closed = false;

  constructor(options: RedisBusOptions, publisher: Redis, subscriber: Redis) {
    this.#options = options;
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    subscriber.on('smessage', (name: string, text: string) => this.#deliver(name, text));
    subscriber.on('ready', () => this.#subscribeAll());
    // A dead connection is closed by the driver once it owes this answer for too long.
    this.#pinger = options.clock.setInterval(() => void subscriber.ping().catch(() => undefined), PING_MS);
  }

  publish(channel: Channel, frame: Frame): void {
    if (this.#closed) return;
    const text = JSON.stringify(frame);
    if (this.#waiting >= MAX_WAITING || this.#waitingBytes + text.length > MAX_WAITING_BYTES) return this.#drop();
    this.#waiting += 1;
    this.#waitingBytes += text.length;
    this.#publisher
      .spublish(this.#nameOf(channel), text)
      .catch(() => this.#drop())
      .finally(() => {
        this.#waiting -= 1;
        this.#waitingBytes -= text.length;
      });
  }

  async subscribe(channel: Channel, listener: Listener): Promise<Unsubscribe> {
    const name = this.#nameOf(channel);
    const own: Listener = (frame, on) => listener(frame, on);
    let subscription = this.#subscriptions.get(name);
    if (subscription === undefined) {
      subscription = { listeners: new Set(), live: this.#listen([name]) };
      this.#subscriptions.set(name, subscription);
    }
    const { listeners } = subscription;
    listeners.add(own);
    await subscription.live;
    return () => {
      // Commands of one connection are carried out in order: whoever subscribes again comes after this.
      if (!listeners.delete(own) || listeners.size > 0) return;
      this.#subscriptions.delete(name);
      this.#subscriber.sunsubscribe(name).catch(() => undefined);
    };
  }

  /** Rejects unless Redis answers on both connections. */
  async ping(): Promise<void> {
    await Promise.all([this.#publisher.ping(), this.#subscriber.ping()]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pinger.cancel();
    this.#subscriptions.clear();
    this.#subscriber.disconnect();
    await closeRedis(this.#publisher);
  }

  #deliver(name: string, text: string): void {
    const subscription = this.#subscriptions.get(name);
    if (subscription === undefined) return;
    let frame: Frame;
    try {
      frame = JSON.parse(text) as Frame;
    } catch {
      this.#options.log.warn({ channel: name }, 'a frame on the bus is no JSON');
      return;
    }
    for (const listener of subscription.listeners) listener(frame, this.#channelOf(name));
  }

  #subscribeAll(): void {
    const names = [...this.#subscriptions.keys()];
    for (let i = 0; i < names.length; i += CHUNK) {
      const chunk = names.slice(i, i + CHUNK);
      const live = this.#listen(chunk);
      for (const name of chunk) {
        const subscription = this.#subscriptions.get(name);
        if (subscription !== undefined) subscription.live = live;
      }
    }
  }

  // Resolves also when Redis is away, or goes: `#subscribeAll` follows when it is back.
  async #listen(names: readonly string[]): Promise<void> {
    try {
      await this.#subscriber.ssubscribe(...names);
    } catch (error) {
      if (this.#subscriber.status === 'ready') this.#options.log.error({ err: error }, 'a channel was not subscribed');
    }
  }

  #drop(): void {
    this.#options.metrics.busDropped.inc();
  }

  #nameOf(channel: Channel): string {
    return `${this.#options.prefix}:bus:${channel}`;
  }

  #channelOf(name: string): Channel {
    return name.slice(`${this.#options.prefix}:bus:`.length) as Channel;
  }
}

async function demandShardedChannels(subscriber: Redis, prefix: string): Promise<void> {
  const name = `${prefix}:bus:start`;
  try {
    await subscriber.ssubscribe(name);
    await subscriber.sunsubscribe(name);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (/unknown command/i.test(why)) throw new StartupError('Redis 7 or later is needed; this one is older');
    throw new StartupError(`Redis refuses to subscribe (${why})`, { cause: error });
  }
}
