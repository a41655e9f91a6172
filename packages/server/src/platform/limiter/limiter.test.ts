import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { NO_LIMITS } from '../../../test/limits.ts';
import { startRedis, type TestRedis } from '../../../test/redis.ts';
import { FakeClock, systemClock } from '../clock.ts';
import { createLogger } from '../log.ts';
import { openRedis } from '../redis.ts';
import type { Limits } from './index.ts';
import { limiterContract, passing, refusal } from './limiter.contract.ts';
import { memoryLimiter } from './memory.ts';
import { redisLimiter } from './redis.ts';

const log = createLogger({ level: 'silent', format: 'json' });
const SECRET = Buffer.alloc(32, 7);
const FIVE: Limits = { ...NO_LIMITS, api: { count: 5, seconds: 60 } };
let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

async function open(limits: Limits, { url = redis.url, prefix = String(randomUUID()), secret = SECRET } = {}) {
  const limiter = await redisLimiter(limits, { url, prefix, secret, clock: systemClock, log });
  onTestFinished(() => limiter.close());
  return limiter;
}

const clock = new FakeClock();
limiterContract(
  'memory',
  (limits) => Promise.resolve(memoryLimiter({ ...NO_LIMITS, ...limits }, clock)),
  (_, seconds) => clock.advance(seconds * 1000),
);
limiterContract(
  'Redis',
  (limits) =>
    redisLimiter(
      { ...NO_LIMITS, ...limits },
      { url: redis.url, prefix: randomUUID(), secret: SECRET, clock: systemClock, log },
    ),
  // Its time is real: asked with a key of its own until that window, begun now, is over.
  async (limiter) => {
    const key = randomUUID();
    await passing(limiter, 2, key);
    await vi.waitFor(() => limiter.take('api', key), { timeout: 10_000, interval: 20 });
  },
);

describe('a memory limiter', () => {
  test('keeps no window for longer than another one', async () => {
    const own = new FakeClock();
    const limiter = memoryLimiter({ ...NO_LIMITS, api: { count: 1, seconds: 900 } }, own);
    expect(await passing(limiter, 2, 'ann')).toBe(1);
    await own.advance(899_999);
    expect(await refusal(limiter, 'ann')).toMatchObject({ details: { retryAfter: 1 } });
    await own.advance(1);
    expect(await passing(limiter, 2, 'ann')).toBe(1);
  });
});

describe('a Redis limiter', () => {
  test('counts for all nodes of a deployment together, and for no other', async () => {
    const prefix = randomUUID();
    const [a, b] = [await open(FIVE, { prefix }), await open(FIVE, { prefix })];
    const passed = await Promise.all([passing(a, 25, 'ann'), passing(b, 25, 'ann')]);
    expect((passed[0] ?? 0) + (passed[1] ?? 0)).toBe(5);
    await b.reset('api', 'ann');
    expect(await passing(a, 9, 'ann')).toBe(5);
    expect(await passing(await open(FIVE), 9, 'ann')).toBe(5);
  });

  test('keeps no key in the clear, nor as a plain hash, and every one of its entries expires', async () => {
    const limiter = await open(FIVE, { prefix: 'clear' });
    const other = await open(FIVE, { prefix: 'other', secret: Buffer.alloc(32, 8) });
    for (const one of [limiter, other]) {
      await one.take('api', 'ann@example.com 203.0.113.9');
      await one.giveBack('api', 'bob@example.com');
    }
    const raw = await openRedis({ url: redis.url, role: 'test', log });
    const keys = [...(await raw.keys('clear:*')), ...(await raw.keys('other:*'))];
    expect(keys).toHaveLength(4);
    for (const key of keys) {
      expect(key).toMatch(/^(?:clear|other):limit:api:[\w-]{43}$/);
      expect(await raw.ttl(key)).toBeGreaterThan(0);
    }
    // Without the secret nobody can look up whether an address was here.
    expect(new Set(keys.map((key) => key.split(':').at(-1))).size).toBe(4);
    raw.disconnect();
  });

  test('while Redis is away each node counts by itself and nothing waits; afterwards they count together again', async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const prefix = randomUUID();
    const [a, b] = [await open(FIVE, { url: own.url, prefix }), await open(FIVE, { url: own.url, prefix })];
    expect(await passing(a, 9, 'ann')).toBe(5);
    await own.kill();
    expect(await passing(a, 50, 'ann')).toBe(5);
    expect(await passing(b, 50, 'ann')).toBe(5);
    expect(await refusal(a, 'ann')).toMatchObject({ code: 'too_many_requests' });
    await a.reset('api', 'ann');
    await a.giveBack('api', 'ann');
    expect(await passing(a, 9, 'ann')).toBe(5);
    await own.start();
    await expect
      .poll(
        async () => {
          const key = randomUUID();
          return (await passing(a, 9, key)) + (await passing(b, 9, key));
        },
        { timeout: 20_000 },
      )
      .toBe(5);
  });

  test('a Redis that stands still holds nobody up: the answer comes while it still does', async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const limiter = await open(FIVE, { url: own.url });
    await limiter.take('api', 'warm');
    own.pause();
    expect(await passing(limiter, 50, 'ann')).toBe(5);
    expect(await passing(limiter, 50, 'bob')).toBe(5);
    own.resume();
  });

  test('a Redis that cannot be reached at the start is named in one line, without its address', async () => {
    await expect(open(FIVE, { url: 'redis://:secret@127.0.0.1:1' })).rejects.toThrow(
      /^Cannot reach Redis \(ECONNREFUSED\); check REDIS_URL$/,
    );
  });
});
