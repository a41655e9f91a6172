import { createHmac, hkdfSync } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { closeRedis, openRedis, type Redis } from '../redis.ts';
import type { Bursts } from './index.ts';
import { memoryBursts } from './memory.ts';

/** How long one answer of Redis is waited for. */
const PATIENCE_MS = 250;
/** How long it is not asked again after it failed, so that a Redis that hangs holds up few. */
const PAUSE_MS = 1000;

/**
 * For each of KEYS a sorted set of the newest, as many as are a burst, by their times; it goes by itself once the eldest
 * cannot count any more. ARGV: for each which one it is, the time, how many are a burst, and within how many ms. Those of one
 * millisecond are kept in the order in which they were counted, by fractions of it. Answers for each 1 for a burst, and 2 more
 * for what is new.
 */
const COUNT = `
local answers = {}
for i, key in ipairs(KEYS) do
  local id, at, times, ms = ARGV[4 * i - 3], tonumber(ARGV[4 * i - 2]), tonumber(ARGV[4 * i - 1]), tonumber(ARGV[4 * i])
  local known = redis.call('ZSCORE', key, id)
  local newest = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2]
  local score = newest and math.max(at, tonumber(newest) + 1 / 1024) or at
  redis.call('ZADD', key, string.format('%.17g', score), id)
  redis.call('ZREMRANGEBYRANK', key, 0, -times - 1)
  redis.call('PEXPIRE', key, ms)
  local eldest = redis.call('ZRANGE', key, -times, -times, 'WITHSCORES')[2]
  answers[i] = (eldest and math.floor(tonumber(eldest)) > at - ms and 1 or 0) + (known and 0 or 2)
end
return answers
`;
/** ARGV: for each of KEYS which one. */
const TAKE_BACK = `for i, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[i]) end`;

export interface RedisBurstsOptions {
  url: string;
  /** Of every key: deployments with different ones share a Redis without counting together. */
  prefix: string;
  /** The master secret, the same on every node. Keys are hashed under it: Redis learns neither who nor what. */
  secret: Buffer;
  clock: Clock;
  log: Logger;
}

export interface RedisBursts extends Bursts {
  close(): Promise<void>;
}

/**
 * Counts of several nodes together. While Redis is away, or takes longer than a quarter of a second, each node counts by
 * itself, from nothing; Redis then is asked again once a second.
 * @throws StartupError
 */
export async function redisBursts({ url, prefix, secret, clock, log }: RedisBurstsOptions): Promise<RedisBursts> {
  const redis = await openRedis({ url, role: 'bursts', log, commandTimeout: PATIENCE_MS });
  const scripts = withScripts(redis);
  const alone = memoryBursts();
  const hashKey = Buffer.from(hkdfSync('sha256', secret, '', 'confab/bursts/v2', 32));
  const hashed = (text: string) => createHmac('sha256', hashKey).update(text).digest('base64url');
  const keyOf = (key: string) => `${prefix}:burst:${hashed(key)}`;
  /** Enough to tell those of one key apart. */
  const idOf = (id: string) => hashed(id).slice(0, 16);
  let askAgainAt = 0;

  return {
    async count(happenings) {
      if (happenings.length === 0) return [];
      if (clock.now() < askAgainAt) return alone.count(happenings);
      const keys = happenings.map(({ key }) => keyOf(key));
      const values = happenings.flatMap(({ id, at, times, seconds }) => [idOf(id), at, times, seconds * 1000]);
      try {
        const answers = await scripts.countBursts(keys.length, ...keys, ...values);
        return answers.map((answer) => ({ isBurst: answer % 2 === 1, isNew: answer >= 2 }));
      } catch {
        askAgainAt = clock.now() + PAUSE_MS;
        return alone.count(happenings);
      }
    },
    async takeBack(happenings) {
      if (happenings.length === 0) return;
      await alone.takeBack(happenings);
      if (clock.now() < askAgainAt) return;
      const keys = happenings.map(({ key }) => keyOf(key));
      try {
        await scripts.takeBackBursts(keys.length, ...keys, ...happenings.map(({ id }) => idOf(id)));
      } catch {
        askAgainAt = clock.now() + PAUSE_MS;
      }
    },
    close: () => closeRedis(redis),
  };
}

interface Scripts {
  countBursts(keys: number, ...rest: (string | number)[]): Promise<number[]>;
  takeBackBursts(keys: number, ...rest: string[]): Promise<unknown>;
}

function withScripts(redis: Redis): Scripts {
  redis.defineCommand('countBursts', { lua: COUNT });
  redis.defineCommand('takeBackBursts', { lua: TAKE_BACK });
  return redis as Redis & Scripts;
}
