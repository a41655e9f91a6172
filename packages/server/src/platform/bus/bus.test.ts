import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../test/redis.ts';
import { FakeClock } from '../clock.ts';
import { createLogger } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { openRedis } from '../redis.ts';
import { busContract } from './bus.contract.ts';
import type { Channel } from './index.ts';
import { memoryBus } from './memory.ts';
import { redisBus } from './redis.ts';

const log = createLogger({ level: 'silent', format: 'json' });
const clock = new FakeClock();
const metrics = createMetrics(clock);
let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const open = (prefix = 'test', url = redis.url) => redisBus({ url, prefix, clock, log, metrics });

busContract('memory', async () => {
  const bus = memoryBus();
  return { a: bus, b: bus };
});
busContract('Redis', async () => ({ a: await open(), b: await open() }));

/** Publishes until it arrives: Redis coming back is noticed in its own time. */
async function arrives(publish: () => void, arrived: () => boolean): Promise<void> {
  await expect
    .poll(
      () => {
        publish();
        return arrived();
      },
      { timeout: 20_000, interval: 20 },
    )
    .toBe(true);
}

describe('a Redis bus', () => {
  test('deployments with different prefixes do not hear of each other', async () => {
    const [mine, theirs] = [await open('mine'), await open('theirs')];
    const got: string[] = [];
    await mine.subscribe('sessions', () => got.push('mine'));
    const heard = Promise.withResolvers<void>();
    await theirs.subscribe('sessions', () => heard.resolve());
    theirs.publish('sessions', { event: 'sessions:ended', payload: { sessionIds: [], reason: 'revoked' } });
    await heard.promise;
    await mine.ping();
    expect(got).toEqual([]);
    await Promise.all([mine.close(), theirs.close()]);
  });

  test('while Redis is away, frames are counted and dropped and subscribing does not wait; afterwards all channels are live again', async () => {
    const own = await startRedis();
    const [a, b] = [await open('away', own.url), await open('away', own.url)];
    const channels = Array.from({ length: 1200 }, (_, i): Channel => `room:${i}`);
    const got = new Set<string>();
    await Promise.all(channels.map((channel) => b.subscribe(channel, (_, on) => got.add(on))));
    await own.kill();
    await expect.poll(() => a.ping().catch(() => 'down')).toBe('down');
    const before = (await metrics.summary())['busDropped'] ?? 0;
    for (let i = 0; i < 1000; i += 1) a.publish('room:1', { event: 'blocks', payload: { userIds: [] } });
    await expect.poll(async () => ((await metrics.summary())['busDropped'] ?? 0) - before).toBe(1000);
    await b.subscribe('room:late', (_, on) => got.add(on));
    await own.start();
    const all = [...channels, 'room:late' as const];
    await arrives(
      () => {
        for (const channel of all) {
          if (!got.has(channel)) a.publish(channel, { event: 'blocks', payload: { userIds: [] } });
        }
      },
      () => all.every((channel) => got.has(channel)),
    );
    await Promise.all([a.close(), b.close()]);
    await own.stop();
  });

  test('what a Redis that does not answer is given has a bound; the rest is dropped', async () => {
    const own = await startRedis();
    const bus = await open('still', own.url);
    own.pause();
    const before = (await metrics.summary())['busDropped'] ?? 0;
    for (let i = 0; i < 12_000; i += 1) bus.publish('room:1', { event: 'blocks', payload: { userIds: [] } });
    expect(((await metrics.summary())['busDropped'] ?? 0) - before).toBe(2000);
    own.resume();
    await expect
      .poll(
        () =>
          bus.ping().then(
            () => 'up',
            () => 'down',
          ),
        { timeout: 20_000 },
      )
      .toBe('up');
    await bus.close();
    await own.stop();
  });

  test('what is no frame is passed over', async () => {
    const bus = await open('noise');
    const stranger = await openRedis({ url: redis.url, role: 'stranger', log });
    const got: string[] = [];
    await bus.subscribe('room:1', (frame) => got.push(frame.event));
    await stranger.spublish('noise:bus:room:1', 'no JSON {');
    await arrives(
      () => bus.publish('room:1', { event: 'blocks', payload: { userIds: [] } }),
      () => got.includes('blocks'),
    );
    stranger.disconnect();
    await bus.close();
  });

  test('a Redis that cannot be reached is named in one line, without its address', async () => {
    const url = 'redis://:secret@127.0.0.1:1';
    await expect(open('x', url)).rejects.toThrow(/^Cannot reach Redis \(ECONNREFUSED\); check REDIS_URL$/);
  });
});
