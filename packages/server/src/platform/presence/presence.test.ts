import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../test/redis.ts';
import { FakeClock } from '../clock.ts';
import { createLogger } from '../log.ts';
import { closeRedis, openRedis } from '../redis.ts';
import type { Liveness, PresenceStore } from './index.ts';
import { memoryPresence } from './memory.ts';
import { device, presenceContract } from './presence.contract.ts';
import { redisPresence } from './redis.ts';

const log = createLogger({ level: 'silent', format: 'json' });
const LEASE_MS = 60_000;
let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

/** A node whose lease is renewed only when its clock is moved; Redis tells by its own when it ran out. */
async function node(url: string, { prefix = 'test', leaseMs = LEASE_MS } = {}) {
  const clock = new FakeClock();
  const store = await redisPresence({ url, prefix, leaseMs, clock, log });
  const told = new Map<string, Liveness | null>();
  /** How long ago each of them may have gone. */
  const ago = new Map<string, number>();
  await store.start((people, agoMs) => {
    for (const [userId, liveness] of people) {
      told.set(userId, liveness);
      ago.set(userId, agoMs);
    }
  });
  return { store, told, ago, tick: () => clock.advance(Math.ceil(leaseMs / 3)) };
}
const livenessOf = async (store: PresenceStore, userId: string) => (await store.read([userId])).get(userId) ?? null;

presenceContract('memory', async () => memoryPresence());
presenceContract('Redis', () =>
  redisPresence({ url: redis.url, prefix: 'contract', leaseMs: LEASE_MS, clock: new FakeClock(), log }),
);

describe('presence over several nodes', () => {
  test('a person’s devices count on whichever node they are', async () => {
    const prefix = randomUUID();
    const [a, b] = [await node(redis.url, { prefix }), await node(redis.url, { prefix })];
    const user = randomUUID();
    const [here, there] = [device(user, true), device(user)];
    await a.store.put(here);
    expect(await b.store.put(there)).toEqual({ before: 'idle', after: 'active' });
    expect(await livenessOf(a.store, user)).toBe('active');
    expect(await a.store.everyone()).toEqual([user]);
    expect(await b.store.remove(there.connectionId)).toEqual({ before: 'active', after: 'idle' });
    expect(await a.store.remove(here.connectionId)).toEqual({ before: 'idle', after: null });
    await Promise.all([a.store.close(), b.store.close()]);
  });

  test('the people of a node that died are gone once its lease has run out, and the others are told', async () => {
    const prefix = randomUUID();
    const [dead, living] = [await node(redis.url, { prefix, leaseMs: 700 }), await node(redis.url, { prefix })];
    const users = Array.from({ length: 600 }, () => randomUUID());
    await Promise.all(users.map((user) => dead.store.put(device(user))));
    const [both = ''] = users;
    await living.store.put(device(both, true));
    // Its clock stands still, so it renews no more.
    await expect.poll(() => livenessOf(living.store, both), { timeout: 20_000 }).toBe('idle');
    await expect
      .poll(
        async () => {
          await living.tick();
          return [...living.told.values()].filter((liveness) => liveness === null).length;
        },
        { timeout: 20_000 },
      )
      .toBe(599);
    expect(living.told.get(both)).toBe('idle');
    expect((await living.store.read(users)).size).toBe(1);
    expect(await living.store.everyone()).toEqual([both]);
    await Promise.all([dead.store.close(), living.store.close()]);
  });

  test('a node that was taken for dead brings its devices back', async () => {
    const prefix = randomUUID();
    const [late, other] = [await node(redis.url, { prefix, leaseMs: 50 }), await node(redis.url, { prefix })];
    const user = randomUUID();
    await late.store.put(device(user));
    await expect.poll(() => livenessOf(other.store, user), { timeout: 20_000 }).toBeNull();
    await expect
      .poll(
        async () => {
          await other.tick();
          return other.told.get(user);
        },
        { timeout: 20_000 },
      )
      .toBeNull();
    await expect
      .poll(
        async () => {
          await late.tick();
          return late.told.get(user);
        },
        { timeout: 20_000 },
      )
      .toBe('active');
    await Promise.all([late.store.close(), other.store.close()]);
  });

  test('a node that stops in order takes its devices with it at once', async () => {
    const prefix = randomUUID();
    const [a, b] = [await node(redis.url, { prefix }), await node(redis.url, { prefix })];
    const user = randomUUID();
    await a.store.put(device(user));
    await a.store.close();
    expect(await livenessOf(b.store, user)).toBeNull();
    await b.tick();
    await expect.poll(() => b.told.get(user)).toBeNull();
    await b.store.close();
  });

  test('who starts after all others have died tells since when their people are gone, and leaves nothing of them', async () => {
    const prefix = randomUUID();
    const direct = await openRedis({ url: redis.url, role: 'test', log });
    const dead = await node(redis.url, { prefix });
    const users = Array.from({ length: 600 }, () => randomUUID());
    await Promise.all(users.map((user) => dead.store.put(device(user))));
    const leases = `${prefix}:presence:nodes`;
    const [name = ''] = await direct.zrange(leases, '0', '0');
    const HOUR_MS = 3_600_000;
    await direct.zincrby(leases, -HOUR_MS - LEASE_MS, name);
    const next = await node(redis.url, { prefix });
    expect(users.map((user) => next.told.get(user))).toEqual(users.map(() => null));
    for (const ms of next.ago.values()) expect(ms).toBeGreaterThanOrEqual(HOUR_MS);
    expect(await direct.keys(`${prefix}*`)).toEqual([leases]);
    expect(await direct.zcard(leases)).toBe(1);
    await Promise.all([dead.store.close(), next.store.close(), closeRedis(direct)]);
  });

  test('while Redis is away nothing waits; when it is back, empty, it learns who is there now', async () => {
    const own = await startRedis();
    const { store, told } = await node(own.url);
    const [stays, leaves, comes] = [device(randomUUID()), device(randomUUID()), device(randomUUID(), true)];
    await store.put(stays);
    await store.put(leaves);
    await own.kill();
    const nothing = { before: null, after: null };
    expect(await store.remove(leaves.connectionId)).toEqual(nothing);
    expect(await store.put(comes)).toEqual(nothing);
    await expect(store.read([stays.userId])).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.everyone()).rejects.toMatchObject({ code: 'unavailable' });
    await own.start();
    await expect.poll(() => told.get(comes.userId), { timeout: 20_000 }).toBe('idle');
    const found = await store.read([stays, leaves, comes].map(({ userId }) => userId));
    expect(Object.fromEntries(found)).toEqual({ [stays.userId]: 'active', [comes.userId]: 'idle' });
    await store.close();
    await own.stop();
  });
});
