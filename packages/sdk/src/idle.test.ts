import { expect, test } from 'vitest';
import { FakeClock } from '../../server/src/platform/clock.ts';
import { trackIdle } from './idle.ts';

function setup() {
  const clock = new FakeClock();
  const target = new EventTarget();
  const told: boolean[] = [];
  const stop = trackIdle((idle) => told.push(idle), { after: 1000, target, clock });
  return { clock, told, stop, touch: () => target.dispatchEvent(new Event('keydown')) };
}

test('a device without a sign of life for the whole time is idle, and not a moment earlier', async () => {
  const { clock, told, touch } = setup();
  await clock.advance(900);
  touch();
  await clock.advance(999);
  expect(told).toEqual([]);
  await clock.advance(1);
  expect(told).toEqual([true]);
});

test('the next sign of life ends it, and it can begin again', async () => {
  const { clock, told, touch } = setup();
  await clock.advance(1000);
  touch();
  touch();
  expect(told).toEqual([true, false]);
  await clock.advance(1000);
  expect(told).toEqual([true, false, true]);
});

test('once stopped it tells nothing more', async () => {
  const { clock, told, stop, touch } = setup();
  stop();
  touch();
  await clock.advance(10_000);
  expect(told).toEqual([]);
});
