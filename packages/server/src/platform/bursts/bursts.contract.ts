/** What every counter of bursts does, wherever it counts. */
import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Bursts, Happening } from './index.ts';

type Closable = Bursts & { close?(): Promise<void> };

const NOW = Date.UTC(2026, 5, 1);

/** Another one of `key`, so many seconds after the beginning; three within a minute are a burst. */
export function happening(key: string, after = 0, change: Partial<Happening> = {}): Happening {
  return { key, id: randomUUID(), at: NOW + after * 1000, times: 3, seconds: 60, ...change };
}

/** Of each whether it is part of a burst. */
export async function inBursts(bursts: Bursts, ...happenings: readonly Happening[]): Promise<boolean[]> {
  return (await bursts.count(happenings)).map(({ isBurst }) => isBurst);
}

/** How many of `tries` at the same time were told that they are part of a burst. */
export async function bursting(bursts: Bursts, tries: number, key: string): Promise<number> {
  const answers = await Promise.all(Array.from({ length: tries }, () => inBursts(bursts, happening(key))));
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
        answers.push(...(await inBursts(bursts, happening('ann', after))));
      }
      expect(answers).toEqual([false, false, true, true, true, true, false, false]);
    });

    test('what lies exactly so many seconds back counts no more', async () => {
      const bursts = await opened();
      expect(await inBursts(bursts, ...[0, 1, 60].map((after) => happening('ann', after)))).toEqual([
        false,
        false,
        false,
      ]);
      expect(await inBursts(bursts, ...[0, 1, 59.999].map((after) => happening('bob', after)))).toEqual([
        false,
        false,
        true,
      ]);
    });

    test('many at once are counted in their order, the same key several times', async () => {
      const bursts = await opened();
      const keys = ['ann', 'bob', 'ann', 'ann', 'bob', 'ann'];
      expect(await inBursts(bursts, ...keys.map((key) => happening(key)))).toEqual([
        false,
        false,
        false,
        true,
        false,
        true,
      ]);
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
      expect(await inBursts(bursts, ...[0, 1, 2, 3].map((after) => happening('ann', after, five)))).not.toContain(true);
      expect(await inBursts(bursts, happening('ann', 4, { times: 2 }))).toEqual([true]);
      expect(await inBursts(bursts, happening('ann', 5, five))).toEqual([false]);
    });

    test('what is told of again is one, at its later time: it counts once, and is judged anew', async () => {
      const bursts = await opened();
      const again = { id: 'again' };
      const told = [happening('ann', 0, again), happening('ann', 1, again), happening('ann', 2)];
      expect(await bursts.count(told)).toEqual([
        { isBurst: false, isNew: true },
        { isBurst: false, isNew: false },
        { isBurst: false, isNew: true },
      ]);
      expect(await bursts.count([happening('ann', 30, { id: 'third' })])).toEqual([{ isBurst: true, isNew: true }]);
      expect(await bursts.count([happening('ann', 40, { id: 'third' })])).toEqual([{ isBurst: true, isNew: false }]);
      // Once the others are gone it is none any more.
      expect(await bursts.count([happening('ann', 61, { id: 'third' })])).toEqual([{ isBurst: false, isNew: false }]);
      // Of another key it is another one.
      expect(await bursts.count([happening('bob', 61, { id: 'third' })])).toEqual([{ isBurst: false, isNew: true }]);
    });

    test('what is taken back was never counted; what is not known is not missed', async () => {
      const bursts = await opened();
      const [one, other] = [happening('ann'), happening('ann', 1)];
      await bursts.count([one, other]);
      await bursts.takeBack([one, { key: 'ann', id: 'nobody' }, { key: 'nobody', id: one.id }]);
      await bursts.takeBack([]);
      expect(await inBursts(bursts, happening('ann', 2), happening('ann', 3))).toEqual([false, true]);
      expect(await bursts.count([{ ...other, at: other.at + 3000 }])).toEqual([{ isBurst: true, isNew: false }]);
    });
  });
}
