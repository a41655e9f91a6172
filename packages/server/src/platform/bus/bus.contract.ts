/** What every bus does, whatever carries it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bus, Channel, Frame } from './index.ts';

const room = (): Channel => `room:${randomUUID()}`;

/** A frame that can be told from the others. */
function frame(i: number, size = 0): Frame {
  return { event: 'blocks', payload: { userIds: [String(i), 'x'.repeat(size)] } };
}

/** @param open the same deployment as two nodes see it; a bus of one process is given twice */
export function busContract(name: string, open: () => Promise<{ a: Bus; b: Bus }>): void {
  describe(`a ${name} bus`, () => {
    let a: Bus;
    let b: Bus;
    beforeAll(async () => {
      ({ a, b } = await open());
    });
    afterAll(async () => {
      await a.close();
      await b.close();
    });

    /** Collects what arrives; `until(i)` resolves when frame i has. */
    async function listen(bus: Bus, channel: Channel) {
      const got: number[] = [];
      let look = () => {};
      const stop = await bus.subscribe(channel, (one) => {
        if (one.event === 'blocks') got.push(Number(one.payload.userIds[0]));
        look();
      });
      const until = (i: number) =>
        new Promise<void>((resolve) => {
          look = () => got.includes(i) && resolve();
          look();
        });
      return { got, stop, until };
    }

    test('carries the frames of one publisher in order, to its own listeners and to other nodes’', async () => {
      const channel = room();
      const [near, far] = [await listen(a, channel), await listen(b, channel)];
      const numbers = Array.from({ length: 500 }, (_, i) => i);
      for (const i of numbers) a.publish(channel, frame(i));
      await Promise.all([near.until(499), far.until(499)]);
      expect(near.got).toEqual(numbers);
      expect(far.got).toEqual(numbers);
    });

    test('hands a frame over whole, with its channel, and never within publish', async () => {
      const channel = room();
      const given = Promise.withResolvers<[Frame, Channel]>();
      let returned = false;
      const stop = await a.subscribe(channel, (one, on) => {
        expect(returned).toBe(true);
        given.resolve([one, on]);
      });
      const sent: Frame = { event: 'typing', payload: { roomId: 'r', userId: 'ü 💬 \u2028 "' }, except: ['u'] };
      a.publish(channel, sent);
      returned = true;
      expect(await given.promise).toEqual([sent, channel]);
      stop();
    });

    test('calls each of several listeners, and one that stopped no more; stopping twice stops nobody else', async () => {
      const channel = room();
      const [one, two] = [await listen(a, channel), await listen(a, channel)];
      b.publish(channel, frame(1));
      await Promise.all([one.until(1), two.until(1)]);
      one.stop();
      one.stop();
      b.publish(channel, frame(2));
      await two.until(2);
      expect(one.got).toEqual([1]);
      expect(two.got).toEqual([1, 2]);
      two.stop();
    });

    test('the same function may listen twice and is then called twice', async () => {
      const channel = room();
      let calls = 0;
      const listener = () => void (calls += 1);
      const stops = [await a.subscribe(channel, listener), await a.subscribe(channel, listener)];
      const last = await listen(a, channel);
      a.publish(channel, frame(1));
      await last.until(1);
      expect(calls).toBe(2);
      stops[0]?.();
      a.publish(channel, frame(2));
      await last.until(2);
      expect(calls).toBe(3);
    });

    test('channels are apart', async () => {
      const [here, there] = [room(), room()];
      const [one, two] = [await listen(a, here), await listen(a, there)];
      b.publish(here, frame(1));
      b.publish(there, frame(2));
      await Promise.all([one.until(1), two.until(2)]);
      expect([one.got, two.got]).toEqual([[1], [2]]);
    });

    test('what is published after subscribe resolved arrives, by whichever node', async () => {
      for (let i = 0; i < 50; i += 1) {
        const channel = room();
        const listening = await listen(a, channel);
        (i % 2 === 0 ? a : b).publish(channel, frame(i));
        await listening.until(i);
        expect(listening.got).toEqual([i]);
        listening.stop();
      }
    });

    test('subscribing and stopping in any interleaving leaves those listening who did not stop', async () => {
      const channel = room();
      const kept: Awaited<ReturnType<typeof listen>>[] = [];
      const stopped: Awaited<ReturnType<typeof listen>>[] = [];
      await Promise.all(
        Array.from({ length: 200 }, async (_, i) => {
          const listening = await listen(a, channel);
          if (i % 2 === 0) await Promise.resolve();
          if (i % 20 === 7) return kept.push(listening);
          listening.stop();
          return stopped.push(listening);
        }),
      );
      b.publish(channel, frame(1));
      await Promise.all(kept.map((listening) => listening.until(1)));
      expect(stopped.flatMap(({ got }) => got)).toEqual([]);
      for (const { stop } of kept) stop();
      const again = await listen(a, channel);
      b.publish(channel, frame(2));
      await again.until(2);
      expect(kept.flatMap(({ got }) => got)).toEqual(kept.map(() => 1));
    });

    test('large frames and many at once arrive', async () => {
      const channel = room();
      const listening = await listen(b, channel);
      for (let i = 0; i < 20; i += 1) a.publish(channel, frame(i, 300_000));
      await listening.until(19);
      expect(listening.got).toHaveLength(20);
    });

    test('once closed it carries nothing, and publishing and closing again are harmless', async () => {
      const { a: mine, b: other } = await open();
      const channel = room();
      const listening = await listen(mine, channel);
      await mine.close();
      other.publish(channel, frame(1));
      mine.publish(channel, frame(2));
      await mine.close();
      await other.close();
      expect(listening.got).toEqual([]);
    });
  });
}
