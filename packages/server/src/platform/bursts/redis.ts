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
 * For each of KEYS a list of the newest times, as many as are a burst; it goes by itself once the eldest cannot count any
 * more. ARGV: for each the time, how many are a burst, and within how many ms.
 */
const COUNT = `
local answers = {}
for i, key in ipairs(KEYS) do
  local at, times, ms = ARGV[3 * i - 2], tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  redis.call('RPUSH', key, at)
  redis.call('LTRIM', key, -times, -1)
  redis.call('PEXPIRE', key, ms)
  local eldest = redis.call('LINDEX', key, -times)
  answers[i] = eldest and tonumber(eldest) > tonumber(at) - ms and 1 or 0
end
return answers
`;

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
  const ask = withScript(redis);
  const alone = memoryBursts();
  const hashKey = Buffer.from(hkdfSync('sha256', secret, '', 'confab/bursts/v1', 32));
  const keyOf = (key: string) => `${prefix}:burst:${createHmac('sha256', hashKey).update(key).digest('base64url')}`;
  let askAgainAt = 0;

  return {
    async count(happenings) {
      if (happenings.length === 0) return [];
      if (clock.now() < askAgainAt) return alone.count(happenings);
      const values = happenings.flatMap(({ at, times, seconds }) => [at, times, seconds * 1000]);
      try {
        const answers = await ask(happenings.length, ...happenings.map(({ key }) => keyOf(key)), ...values);
        return answers.map((answer) => answer === 1);
      } catch {
        askAgainAt = clock.now() + PAUSE_MS;
        return alone.count(happenings);
      }
    },
    close: () => closeRedis(redis),
  };
}

type Ask = (keys: number, ...rest: (string | number)[]) => Promise<(0 | 1)[]>;

function withScript(redis: Redis): Ask {
  redis.defineCommand('countBursts', { lua: COUNT });
  const { countBursts } = redis as Redis & { countBursts: Ask };
  return countBursts.bind(redis);
}
