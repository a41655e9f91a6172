import { expect, test } from 'vitest';
import { FakeClock } from './clock.ts';

test('fake time fires timers in order of due time, each at its own time', async () => {
  const clock = new FakeClock(1000);
  const fired: [string, number][] = [];
  clock.setTimeout(() => fired.push(['late', clock.now()]), 50);
  clock.setTimeout(() => fired.push(['early', clock.now()]), 10);
  clock.setInterval(() => fired.push(['every', clock.now()]), 20);
  await clock.advance(49);
  expect(fired).toEqual([
    ['early', 1010],
    ['every', 1020],
    ['every', 1040],
  ]);
  expect(clock.now()).toBe(1049);
  await clock.advance(1);
  expect(fired.at(-1)).toEqual(['late', 1050]);
});

test('fake time includes timers set by promises that earlier timers settled', async () => {
  const clock = new FakeClock(0);
  const fired: number[] = [];
  clock.setTimeout(() => {
    void Promise.resolve().then(() => clock.setTimeout(() => fired.push(clock.now()), 5));
  }, 10);
  await clock.advance(20);
  expect(fired).toEqual([15]);
});

test('a cancelled timer never fires', async () => {
  const clock = new FakeClock(0);
  let fired = 0;
  const once = clock.setTimeout(() => fired++, 5);
  const every = clock.setInterval(() => (fired++, every.cancel()), 5);
  once.cancel();
  once.cancel();
  await clock.advance(100);
  expect(fired).toBe(1);
});
