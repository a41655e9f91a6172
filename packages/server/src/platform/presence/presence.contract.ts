/** What every presence store does, wherever it keeps who is there. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Device, PresenceStore } from './index.ts';

/** A device of its own. */
export function device(userId: string, idle = false): Device {
  return { connectionId: randomUUID(), userId, idle };
}

export function presenceContract(name: string, open: () => Promise<PresenceStore>): void {
  describe(`a ${name} presence store`, () => {
    let store: PresenceStore;
    beforeAll(async () => {
      store = await open();
      await store.start(() => {});
    });
    afterAll(() => store.close());

    const livenessOf = async (userId: string) => (await store.read([userId])).get(userId) ?? null;

    test('somebody is there with their first device and gone with their last', async () => {
      const user = randomUUID();
      const [one, two] = [device(user), device(user)];
      expect(await livenessOf(user)).toBeNull();
      expect(await store.put(one)).toEqual({ before: null, after: 'active' });
      expect(await store.put(two)).toEqual({ before: 'active', after: 'active' });
      expect(await store.remove(one.connectionId)).toEqual({ before: 'active', after: 'active' });
      expect(await livenessOf(user)).toBe('active');
      expect(await store.remove(two.connectionId)).toEqual({ before: 'active', after: null });
      expect(await livenessOf(user)).toBeNull();
    });

    test('the liveliest device counts', async () => {
      const user = randomUUID();
      const [desk, phone] = [device(user), device(user, true)];
      expect(await store.put(phone)).toEqual({ before: null, after: 'idle' });
      expect(await store.put(desk)).toEqual({ before: 'idle', after: 'active' });
      expect(await store.put({ ...desk, idle: true })).toEqual({ before: 'active', after: 'idle' });
      expect(await store.put({ ...phone, idle: false })).toEqual({ before: 'idle', after: 'active' });
      expect(await store.remove(phone.connectionId)).toEqual({ before: 'active', after: 'idle' });
    });

    test('putting and removing may be repeated', async () => {
      const one = device(randomUUID());
      await store.put(one);
      expect(await store.put(one)).toEqual({ before: 'active', after: 'active' });
      await store.remove(one.connectionId);
      expect(await store.remove(one.connectionId)).toEqual({ before: null, after: null });
      expect(await store.remove(randomUUID())).toEqual({ before: null, after: null });
    });

    test('of devices that come or go at once exactly one is the first and one the last', async () => {
      const user = randomUUID();
      const devices = Array.from({ length: 50 }, () => device(user));
      const came = await Promise.all(devices.map((one) => store.put(one)));
      expect(came.filter(({ before }) => before === null)).toHaveLength(1);
      const gone = await Promise.all(devices.map((one) => store.remove(one.connectionId)));
      expect(gone.filter(({ after }) => after === null)).toHaveLength(1);
    });

    test('everyone who is there is told once, however many devices they have', async () => {
      const [busy, idle, gone] = [randomUUID(), randomUUID(), randomUUID()];
      const last = device(gone);
      for (const one of [device(busy), device(busy), device(idle, true), last]) await store.put(one);
      await store.remove(last.connectionId);
      const those = (await store.everyone()).filter((id) => [busy, idle, gone].some((one) => one === id));
      expect(those.toSorted()).toEqual([busy, idle].toSorted());
    });

    test('many are read at once, and only those who are there are answered', async () => {
      const users = Array.from({ length: 1200 }, () => randomUUID());
      const there = users.filter((_, i) => i % 3 === 0);
      await Promise.all(there.map((user, i) => store.put(device(user, i % 2 === 0))));
      const found = await store.read(users);
      expect(found.size).toBe(400);
      users.forEach((user, i) => {
        expect(found.get(user)).toBe(i % 3 === 0 ? (i % 2 === 0 ? 'idle' : 'active') : undefined);
      });
      expect((await store.read([])).size).toBe(0);
    });
  });
}
