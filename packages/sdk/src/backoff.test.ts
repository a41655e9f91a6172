import { expect, test } from 'vitest';
import { FakeClock } from '../../server/src/platform/clock.ts';
import { Backoff } from './backoff.ts';

/** ms each of `count` waits takes. */
async function waits(count: number, random: () => number): Promise<number[]> {
  const delays: number[] = [];
  const clock = new FakeClock();
  const watched = {
    now: () => clock.now(),
    setTimeout(fn: () => void, ms: number) {
      delays.push(ms);
      return clock.setTimeout(fn, ms);
    },
  };
  const backoff = new Backoff({ clock: watched, random, base: 1000, cap: 30_000 });
  for (let i = 0; i < count; i += 1) {
    const done = backoff.wait();
    await clock.advance(30_000);
    await done;
  }
  return delays;
}

test('the longest possible delay doubles, up to the cap', async () => {
  expect(await waits(7, () => 1)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test('a delay is anywhere between nothing and the longest: clients that lost a server do not come back together', async () => {
  expect(await waits(3, () => 0)).toEqual([0, 0, 0]);
  expect(await waits(3, () => 0.25)).toEqual([250, 500, 1000]);
});
