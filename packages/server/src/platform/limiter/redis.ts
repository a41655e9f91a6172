import { createHmac, hkdfSync } from 'node:crypto';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { closeRedis, openRedis } from '../redis.ts';
import type { Limiter, LimitName, Limits } from './index.ts';
import { memoryLimiter, tooMany } from './memory.ts';

/** How long one answer of Redis is waited for. */
const PATIENCE_MS = 250;
/** How long it is not asked again after it failed, so that a Redis that hangs holds up few. */
const PAUSE_MS = 1000;

export interface RedisLimiterOptions {
  url: string;
  /** Of every key: deployments with different ones share a Redis without counting together. */
  prefix: string;
  /** The master secret, the same on every node. Keys are hashed under it: Redis holds nobody's address. */
  secret: Buffer;
  clock: Clock;
  log: Logger;
}

export interface RedisLimiter extends Limiter {
  close(): Promise<void>;
}

/**
 * Counts of several nodes together. While Redis is away, or takes longer than a quarter of a second, each node counts by
 * itself, from nothing; Redis then is asked again once a second. Nothing is refused because of it.
 * @throws StartupError
 */
export async function redisLimiter(limits: Limits, options: RedisLimiterOptions): Promise<RedisLimiter> {
  const { url, prefix, secret, clock, log } = options;
  const redis = await openRedis({ url, role: 'limiter', log, commandTimeout: PATIENCE_MS });
  const alone = memoryLimiter(limits, clock);
  const hashKey = Buffer.from(hkdfSync('sha256', secret, '', 'confab/limiter/v1', 32));
  const counters = new Map<LimitName, RateLimiterRedis>();
  for (const [name, limit] of Object.entries(limits) as [LimitName, Limits[LimitName]][]) {
    if (limit === null) continue;
    const { count: points, seconds: duration } = limit;
    const keyPrefix = `${prefix}:limit:${name}`;
    counters.set(
      name,
      new RateLimiterRedis({ storeClient: redis, keyPrefix, points, duration, rejectIfRedisNotReady: true }),
    );
  }
  let askAgainAt = 0;

  async function together(
    name: LimitName,
    key: string,
    ask: (counter: RateLimiterRedis, hashed: string) => Promise<unknown>,
    instead: () => Promise<void>,
  ): Promise<void> {
    const counter = counters.get(name);
    if (counter === undefined) return;
    if (clock.now() < askAgainAt) return instead();
    try {
      await ask(counter, createHmac('sha256', hashKey).update(`${name}:${key}`).digest('base64url'));
    } catch (thrown) {
      if (thrown instanceof RateLimiterRes) throw tooMany(thrown.msBeforeNext);
      askAgainAt = clock.now() + PAUSE_MS;
      await instead();
    }
  }

  return {
    take: (name, key) =>
      together(
        name,
        key,
        (counter, hashed) => counter.consume(hashed),
        () => alone.take(name, key),
      ),
    giveBack: (name, key) =>
      together(
        name,
        key,
        (counter, hashed) => counter.reward(hashed),
        () => alone.giveBack(name, key),
      ),
    reset: (name, key) =>
      together(
        name,
        key,
        (counter, hashed) => counter.delete(hashed),
        () => alone.reset(name, key),
      ),
    close: () => closeRedis(redis),
  };
}
