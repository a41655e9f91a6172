import { expect, test } from 'vitest';
import { FakeClock, systemClock } from './clock.ts';
import { createIds } from './ids.ts';

const V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('an id is a UUIDv7 that carries the time of the clock', () => {
  const clock = new FakeClock(0x0123456789ab);
  const id = createIds(clock).uuid();
  expect(id).toMatch(V7);
  expect(id.slice(0, 13)).toBe('01234567-89ab');
});

test('ids strictly increase while the clock stands still, runs and goes back', () => {
  let now = Date.UTC(2030, 0, 1);
  const ids = createIds({ ...systemClock, now: () => now });
  const made: string[] = [];
  for (let i = 0; i < 30_000; i++) {
    if (i % 1000 === 0) now += i % 3000 === 0 ? -5 : 1;
    made.push(ids.uuid());
  }
  expect(made.every((id, i) => V7.test(id) && (i === 0 || id > (made[i - 1] ?? '')))).toBe(true);
});

test('a token has the asked number of random bytes in base64url', () => {
  const ids = createIds(new FakeClock());
  expect(ids.token()).toMatch(/^[\w-]{43}$/);
  expect(ids.token(16)).toMatch(/^[\w-]{22}$/);
  expect(ids.token()).not.toBe(ids.token());
});
