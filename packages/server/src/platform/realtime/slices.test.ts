import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Slices } from './slices.ts';

test('what comes at once is done in the order in which it came, so much of it in one turn of the event loop', async () => {
  const slices = new Slices(2);
  const done: string[] = [];
  for (const name of ['a', 'b', 'c']) slices.add(() => done.push(name));
  const seen = [done.join('')];
  await nextTurn();
  seen.push(done.join(''));
  for (const name of ['d', 'e']) slices.add(() => done.push(name));
  for (let turn = 0; turn < 2; turn += 1) {
    await nextTurn();
    seen.push(done.join(''));
  }
  expect(seen).toEqual(['', 'ab', 'abcd', 'abcde']);
});

test('what the work itself brings comes after what waits, in a turn of its own', async () => {
  const slices = new Slices(2);
  const done: string[] = [];
  slices.add(() => {
    done.push('a');
    slices.add(() => done.push('b'));
  });
  await nextTurn();
  expect(done).toEqual(['a']);
  await nextTurn();
  expect(done).toEqual(['a', 'b']);
});
