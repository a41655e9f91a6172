import { randomUUID } from 'node:crypto';
import { ProtocolError } from '@confab/protocol';
import type { Clock, Timer } from '../clock.ts';
import type { Logger } from '../log.ts';
import { closeRedis, openRedis, type Redis } from '../redis.ts';
import type { Change, Changed, Device, Liveness, PresenceStore } from './index.ts';
import { type Scripts, withScripts } from './scripts.ts';

/** People in one command. */
const CHUNK = 500;
const NONE: Change = { before: null, after: null };

export interface RedisPresenceOptions {
  url: string;
  /** Of every key: deployments with different ones share a Redis. */
  prefix: string;
  /** How long a node may be silent before its devices count as gone. It renews three times as often. */
  leaseMs: number;
  clock: Clock;
  log: Logger;
}

/** The devices of several nodes, in Redis. @throws StartupError */
export async function redisPresence(options: RedisPresenceOptions): Promise<PresenceStore> {
  const redis = await openRedis({ url: options.url, role: 'presence', log: options.log });
  return new RedisPresence(options, redis);
}

class RedisPresence implements PresenceStore {
  readonly #options: RedisPresenceOptions;
  readonly #redis: Redis;
  readonly #scripts: Scripts;
  readonly #prefix: string;
  readonly #devices = new Map<string, Device>();
  /** How many of `#devices` each person has. */
  readonly #counts = new Map<string, number>();
  /** Another one whenever what Redis holds for the old one may be wrong; null while there is no lease. */
  #node: string | null = null;
  /** Nodes that this one was, to be cleared up. */
  readonly #former: string[] = [];
  #changed: Changed = () => {};
  #timer: Timer | undefined;
  #ticking: Promise<void> = Promise.resolve();

  constructor(options: RedisPresenceOptions, redis: Redis) {
    this.#options = options;
    this.#redis = redis;
    this.#scripts = withScripts(redis);
    this.#prefix = `${options.prefix}:presence`;
  }

  async start(changed: Changed): Promise<void> {
    this.#changed = changed;
    this.#timer = this.#options.clock.setInterval(() => void this.#tick(), Math.ceil(this.#options.leaseMs / 3));
    this.#redis.on('close', () => this.#lose());
    this.#redis.on('ready', () => void this.#tick());
    await this.#tick();
  }

  put(device: Device): Promise<Change> {
    const { connectionId, userId } = device;
    if (!this.#devices.has(connectionId)) this.#counts.set(userId, (this.#counts.get(userId) ?? 0) + 1);
    this.#devices.set(connectionId, device);
    return this.#change(device, device.idle ? '0' : '1');
  }

  async remove(connectionId: string): Promise<Change> {
    const device = this.#devices.get(connectionId);
    if (device === undefined) return NONE;
    this.#devices.delete(connectionId);
    const left = (this.#counts.get(device.userId) ?? 1) - 1;
    if (left === 0) this.#counts.delete(device.userId);
    else this.#counts.set(device.userId, left);
    return this.#change(device, '');
  }

  async read(userIds: readonly string[]): Promise<ReadonlyMap<string, Liveness>> {
    const found = new Map<string, Liveness>();
    try {
      for (let i = 0; i < userIds.length; i += CHUNK) {
        const chunk = userIds.slice(i, i + CHUNK);
        const answers = await this.#scripts.readMany(this.#prefix, ...chunk);
        chunk.forEach((userId, at) => {
          const liveness = parse(answers[at]);
          if (liveness !== null) found.set(userId, liveness);
        });
      }
    } catch (error) {
      this.#options.log.debug({ err: error }, 'presence could not be read');
      throw new ProtocolError('unavailable');
    }
    return found;
  }

  async everyone(): Promise<string[]> {
    try {
      return await this.#scripts.everyone(this.#prefix);
    } catch (error) {
      this.#options.log.debug({ err: error }, 'presence could not be read');
      throw new ProtocolError('unavailable');
    }
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#ticking;
    const node = this.#node;
    this.#node = null;
    // An expired lease is what the others look for.
    if (node !== null) await this.#scripts.lease(this.#prefix, node, 0, 'renew').catch(() => undefined);
    await closeRedis(this.#redis);
  }

  /** Renews the lease, or begins anew where it was lost, and clears up after nodes that died. Never rejects. */
  #tick(): Promise<void> {
    this.#ticking = this.#ticking.then(async () => {
      try {
        await this.#keepLease();
        await this.#reap();
      } catch (error) {
        // Redis is away: its return is the next occasion.
        this.#options.log.debug({ err: error }, 'the presence lease was not renewed');
      }
    });
    return this.#ticking;
  }

  async #change(device: Device, state: '1' | '0' | ''): Promise<Change> {
    // Without a lease there is nothing to change: `#begin` brings all devices as they are then.
    if (this.#node === null) return NONE;
    const node = this.#node;
    const last = this.#counts.has(device.userId) ? '0' : '1';
    try {
      const { userId, connectionId } = device;
      const [before, after] = await this.#scripts.change(this.#prefix, node, userId, connectionId, state, last);
      if (before !== 'lost') return { before: parse(before), after: parse(after) };
      if (this.#lose(node)) void this.#tick();
    } catch (error) {
      this.#options.log.debug({ err: error }, 'a presence change was not recorded');
      this.#lose(node);
    }
    return NONE;
  }

  // Answers whether there was a lease to lose; with `node`, only that one.
  #lose(node = this.#node): boolean {
    if (node === null || node !== this.#node) return false;
    this.#node = null;
    this.#former.push(node);
    return true;
  }

  async #keepLease(): Promise<void> {
    const { leaseMs } = this.#options;
    if (this.#node !== null && (await this.#scripts.lease(this.#prefix, this.#node, leaseMs, 'renew')) === 1) return;
    this.#lose();
    await this.#begin();
  }

  // As another node: what Redis held for the old one is cleared up like that of any node that died.
  async #begin(): Promise<void> {
    const node = randomUUID();
    await this.#scripts.lease(this.#prefix, node, this.#options.leaseMs, 'take');
    this.#node = node;
    // Sent at once: a change that comes meanwhile is sent after them.
    const changes = await Promise.all(
      [...this.#devices.values()].map(async (device) => {
        const { after } = await this.#change(device, device.idle ? '0' : '1');
        return [device.userId, after] as const;
      }),
    );
    for (const former of this.#former.splice(0)) await this.#scripts.lease(this.#prefix, former, 0, 'renew');
    if (changes.length > 0) this.#changed(new Map(changes), 0);
  }

  async #reap(): Promise<void> {
    for (const node of await this.#scripts.expired(this.#prefix)) while (await this.#reapSome(node));
  }

  // Answers whether there may be more.
  async #reapSome(node: string): Promise<boolean> {
    const [agoMs, ...answer] = await this.#scripts.reap(this.#prefix, node, CHUNK);
    const people = new Map<string, Liveness | null>();
    for (let i = 0; i + 1 < answer.length; i += 2) people.set(answer[i] ?? '', parse(answer[i + 1]));
    if (people.size > 0) this.#changed(people, Number(agoMs));
    return people.size > 0;
  }
}

function parse(liveness: string | undefined): Liveness | null {
  return liveness === 'active' || liveness === 'idle' ? liveness : null;
}
