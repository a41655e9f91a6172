import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../test/redis.ts';
import { createLogger } from '../log.ts';
import { openRedis } from '../redis.ts';
import { memoryMatchQueue } from './memory.ts';
import { queueContract, waiting } from './queue.contract.ts';
import { redisMatchQueue } from './redis.ts';

const log = createLogger({ level: 'silent', format: 'json' });
let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

queueContract('memory', async () => memoryMatchQueue());
queueContract('Redis', () => redisMatchQueue({ url: redis.url, prefix: randomUUID(), log }));

describe('a queue of several nodes', () => {
  async function nodes(url = redis.url) {
    const prefix = randomUUID();
    const [a, b] = [await redisMatchQueue({ url, prefix, log }), await redisMatchQueue({ url, prefix, log })];
    return { a, b, prefix };
  }

  test('one node leads, and hears of what all put in and take out', async () => {
    const { a, b } = await nodes();
    onTestFinished(() => Promise.all([a.close(), b.close()]).then(() => undefined));
    const [ann, bob] = [waiting(), waiting()];
    expect(await a.poll()).toEqual({ anew: true, put: [], gone: [] });
    await b.put(ann);
    await a.put(bob);
    expect(await b.poll()).toBeNull();
    expect(await a.poll()).toEqual({ anew: false, put: [ann, bob], gone: [] });
    await b.remove(bob.userId, bob.ticket);
    expect(await a.poll()).toEqual({ anew: false, put: [], gone: [bob.userId] });
  });

  test('of 50 that ask at once exactly one leads', async () => {
    const prefix = randomUUID();
    const all = await Promise.all(Array.from({ length: 50 }, () => redisMatchQueue({ url: redis.url, prefix, log })));
    onTestFinished(() => Promise.all(all.map((one) => one.close())).then(() => undefined));
    const answers = await Promise.all(all.map((one) => one.poll()));
    expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
  });

  test('when it stops in order another leads at once, and is told everyone', async () => {
    const { a, b } = await nodes();
    const ann = waiting();
    await a.put(ann);
    await a.poll();
    await a.close();
    expect(await b.poll()).toEqual({ anew: true, put: [ann], gone: [] });
    await b.close();
  });

  test('when it dies another leads within seconds; should it come back, it leads no more and begins anew', async () => {
    const { a, b, prefix } = await nodes();
    onTestFinished(() => Promise.all([a.close(), b.close()]).then(() => undefined));
    const ann = waiting();
    await a.put(ann);
    await a.poll();
    // As time would.
    const raw = await openRedis({ url: redis.url, role: 'test', log });
    expect(await raw.pttl(`${prefix}:matching:lead`)).toBeGreaterThan(0);
    await raw.del(`${prefix}:matching:lead`);
    expect(await b.poll()).toEqual({ anew: true, put: [ann], gone: [] });
    expect(await a.poll()).toBeNull();
    await b.close();
    expect(await a.poll()).toEqual({ anew: true, put: [ann], gone: [] });
    raw.disconnect();
  });

  test('every one of its entries expires when nobody leads any more', async () => {
    const { a, b, prefix } = await nodes();
    onTestFinished(() => Promise.all([a.close(), b.close()]).then(() => undefined));
    const [ann, bob] = [waiting(), waiting()];
    await a.poll();
    await a.put(ann);
    await a.put(bob);
    await a.remove(bob.userId, bob.ticket);
    await a.poll();
    const raw = await openRedis({ url: redis.url, role: 'test', log });
    const keys = await raw.keys(`${prefix}:*`);
    expect(keys).toHaveLength(5);
    for (const key of keys) expect(await raw.ttl(key)).toBeGreaterThan(0);
    raw.disconnect();
  });

  test('while Redis is away nothing waits; when it is back, empty, whoever asks first leads anew', async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const { a, b } = await nodes(own.url);
    onTestFinished(() => Promise.all([a.close(), b.close()]).then(() => undefined));
    await a.put(waiting());
    await a.poll();
    await own.kill();
    const calls = await Promise.allSettled([a.put(waiting()), b.poll()]);
    expect(calls.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await own.start();
    await expect
      .poll(() => a.poll().catch(() => undefined), { timeout: 20_000 })
      .toEqual({ anew: true, put: [], gone: [] });
  });
});
