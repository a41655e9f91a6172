import { expect, test } from 'vitest';
import { FakeClock } from '../../server/src/platform/clock.ts';
import { Typing } from './typing.ts';

function setup() {
  const clock = new FakeClock();
  const counts = { told: 0, changes: 0 };
  const typing = new Typing({ clock, tell: () => (counts.told += 1), onChange: () => (counts.changes += 1) });
  return { clock, typing, counts };
}

test('however fast I type, it is told every three seconds', async () => {
  const { clock, typing, counts } = setup();
  for (let i = 0; i < 70; i += 1) {
    typing.tell();
    await clock.advance(100);
  }
  expect(counts.told).toBe(3);
});

test('after I sent something the next keystroke is told at once', () => {
  const { typing, counts } = setup();
  typing.tell();
  typing.sent();
  typing.tell();
  expect(counts.told).toBe(2);
});

test('others are shown in the order they began, each for six seconds after the last word of it', async () => {
  const { clock, typing, counts } = setup();
  typing.receive('ann');
  await clock.advance(4000);
  typing.receive('bob');
  typing.receive('ann');
  expect(typing.users).toEqual(['ann', 'bob']);
  await clock.advance(5999);
  expect(typing.users).toEqual(['ann', 'bob']);
  await clock.advance(1);
  expect(typing.users).toEqual([]);
  expect(counts.changes).toBe(4);
});

test('whoever is done is shown no longer, and the list stays the same until it changes', () => {
  const { typing } = setup();
  typing.receive('ann');
  typing.receive('bob');
  typing.ended('ann');
  const shown = typing.users;
  expect(shown).toEqual(['bob']);
  typing.ended('ann');
  expect(typing.users).toBe(shown);
  typing.clear();
  expect(typing.users).toEqual([]);
});
