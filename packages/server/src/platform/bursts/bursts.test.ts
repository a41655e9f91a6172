import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../test/redis.ts';
import { systemClock } from '../clock.ts';
import { createLogger } from '../log.ts';
import { openRedis } from '../redis.ts';
import { bursting, burstsContract, happening, inBursts } from './bursts.contract.ts';
import { memoryBursts } from './memory.ts';
import { redisBursts } from './redis.ts';

const log = createLogger({ level: 'silent', format: 'json' });
const SECRET = Buffer.alloc(32, 7);
let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

async function open({ url = redis.url, prefix = String(randomUUID()), secret = SECRET } = {}) {
  const bursts = await redisBursts({ url, prefix, secret, clock: systemClock, log });
  onTestFinished(() => bursts.close());
  return bursts;
}

burstsContract('memory', async () => memoryBursts());
burstsContract('Redis', () =>
  redisBursts({ url: redis.url, prefix: randomUUID(), secret: SECRET, clock: systemClock, log }),
);

describe('a memory counter of bursts', () => {
  test('forgets where there is too much of it, what was counted longest ago first', async () => {
    const bursts = memoryBursts();
    const one = async (key: string, times = 2) => (await inBursts(bursts, happening(key, 0, { times })))[0];
    for (let i = 0; i < 100; i += 1) await one('eldest', 101);
    await bursts.count(Array.from({ length: 250_000 }, (_, i) => happening(`key ${i}`, 0, { times: 2 })));
    expect(await one('eldest', 101)).toBe(false);
    expect(await one('key 249999')).toBe(true);
    expect(await one('key 60000')).toBe(true);
    expect(await one('key 1')).toBe(false);
  });
});

describe('a Redis counter of bursts', () => {
  test('counts for all nodes of a deployment together, and for no other', async () => {
    const prefix = randomUUID();
    const [a, b] = [await open({ prefix }), await open({ prefix })];
    expect((await Promise.all([bursting(a, 25, 'ann'), bursting(b, 25, 'ann')])).reduce((sum, n) => sum + n)).toBe(48);
    expect(await bursting(await open(), 2, 'ann')).toBe(0);
  });

  test('keeps no key in the clear, nor as a plain hash; no more times than are a burst, and each key expires', async () => {
    const [bursts, other] = [
      await open({ prefix: 'clear' }),
      await open({ prefix: 'clear', secret: Buffer.alloc(32, 8) }),
    ];
    for (const one of [bursts, other]) await bursting(one, 20, 'ann said hello');
    const raw = await openRedis({ url: redis.url, role: 'test', log });
    const keys = await raw.keys('clear:*');
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      expect(key).toMatch(/^clear:burst:[\w-]{43}$/);
      expect(await raw.zcard(key)).toBe(3);
      for (const id of await raw.zrange(key, '0', '-1')) expect(id).toMatch(/^[\w-]{16}$/);
      expect(await raw.pttl(key)).toBeGreaterThan(50_000);
      expect(await raw.pttl(key)).toBeLessThanOrEqual(60_000);
    }
    raw.disconnect();
  });

  test('while Redis is away each node counts by itself and nothing waits; afterwards they count together again', async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const prefix = randomUUID();
    const [a, b] = [await open({ url: own.url, prefix }), await open({ url: own.url, prefix })];
    expect(await bursting(a, 5, 'ann')).toBe(3);
    await own.kill();
    expect(await bursting(a, 5, 'ann')).toBe(3);
    expect(await bursting(b, 5, 'ann')).toBe(3);
    await own.start();
    await expect
      .poll(
        async () => {
          const key = randomUUID();
          return (await bursting(a, 2, key)) + (await bursting(b, 2, key));
        },
        { timeout: 20_000 },
      )
      .toBe(2);
  });

  test('a Redis that stands still holds nobody up: the answer comes while it still does', async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const bursts = await open({ url: own.url });
    await bursting(bursts, 1, 'warm');
    own.pause();
    expect(await bursting(bursts, 50, 'ann')).toBe(48);
    expect(await bursting(bursts, 50, 'bob')).toBe(48);
    own.resume();
  });
});
