/** What every counter of bursts does, wherever it counts. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Bursts, Happening } from './index.ts';

type Closable = Bursts & { close?(): Promise<void> };

const NOW = Date.UTC(2026, 5, 1);

/** One more of `key`, so many seconds after the beginning; three within a minute are a burst. */
export function happening(key: string, after = 0, change: Partial<Happening> = {}): Happening {
  return { key, at: NOW + after * 1000, times: 3, seconds: 60, ...change };
}

/** How many of `tries` at the same time were told that they are part of a burst. */
export async function bursting(bursts: Bursts, tries: number, key: string): Promise<number> {
  const answers = await Promise.all(Array.from({ length: tries }, () => bursts.count([happening(key)])));
  return answers.flat().filter(Boolean).length;
}

/** @param open one that counts from nothing */
export function burstsContract(name: string, open: () => Promise<Closable>): void {
  describe(`a ${name} counter of bursts`, () => {
    async function opened(): Promise<Bursts> {
      const bursts = await open();
      onTestFinished(() => bursts.close?.());
      return bursts;
    }

    test('tells the one that makes them too many within the time, and each while that lasts', async () => {
      const bursts = await opened();
      const answers = [];
      for (const after of [0, 10, 20, 59, 69.999, 80, 200, 201]) {
        answers.push(...(await bursts.count([happening('ann', after)])));
      }
      expect(answers).toEqual([false, false, true, true, true, true, false, false]);
    });

    test('what lies exactly so many seconds back counts no more', async () => {
      const bursts = await opened();
      expect(await bursts.count([0, 1, 60].map((after) => happening('ann', after)))).toEqual([false, false, false]);
      expect(await bursts.count([0, 1, 59.999].map((after) => happening('bob', after)))).toEqual([false, false, true]);
    });

    test('many at once are counted in their order, the same key several times', async () => {
      const bursts = await opened();
      const keys = ['ann', 'bob', 'ann', 'ann', 'bob', 'ann'];
      expect(await bursts.count(keys.map((key) => happening(key)))).toEqual([false, false, false, true, false, true]);
      expect(await bursts.count([])).toEqual([]);
    });

    test('of 50 at the same time each is counted once', async () => {
      expect(await bursting(await opened(), 50, 'ann')).toBe(48);
    });

    test('keys are apart, whatever characters one holds', async () => {
      const bursts = await opened();
      for (const key of ['ann', 'Ann', '', 'a:b', '__proto__', 'ä 💬\n', 'x'.repeat(5000)]) {
        expect(await bursting(bursts, 3, key)).toBe(1);
      }
    });

    test('where fewer are a burst than before, those that were counted already count', async () => {
      const bursts = await opened();
      const five = { times: 5 };
      expect(await bursts.count([0, 1, 2, 3].map((after) => happening('ann', after, five)))).not.toContain(true);
      expect(await bursts.count([happening('ann', 4, { times: 2 })])).toEqual([true]);
      expect(await bursts.count([happening('ann', 5, five)])).toEqual([false]);
    });
  });
}
