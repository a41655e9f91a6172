import { expect, test } from 'vitest';
import { BatchLoader } from './batch-loader.ts';

/** A loader whose calls are answered by hand, each with what `values` holds at that time. */
function withCalls(max = 10) {
  const values = new Map<string, string>();
  const calls: { ids: readonly string[]; answer(): void; fail(error: Error): void }[] = [];
  const loader = new BatchLoader<string>((ids) => {
    const read = new Map(values);
    return new Promise((resolve, reject) => {
      calls.push({ ids, answer: () => resolve(read), fail: reject });
    });
  }, max);
  return { values, calls, loader };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('what is asked at the same time is loaded by one call, each id once', async () => {
  const { values, calls, loader } = withCalls();
  values.set('a', 'A').set('b', 'B');
  const asked = Promise.all(['a', 'b', 'a', 'none'].map((id) => loader.load(id)));
  await turn();
  expect(calls.map(({ ids }) => ids)).toEqual([['a', 'b', 'none']]);
  calls[0]?.answer();
  expect(await asked).toEqual(['A', 'B', 'A', undefined]);
});

test('no call is given more ids than the bound', async () => {
  const { values, calls, loader } = withCalls(2);
  const ids = ['a', 'b', 'c', 'd', 'e'];
  for (const id of ids) values.set(id, id.toUpperCase());
  const asked = Promise.all(ids.map((id) => loader.load(id)));
  for (const [i, expected] of [['a', 'b'], ['c', 'd'], ['e']].entries()) {
    await turn();
    expect(calls).toHaveLength(i + 1);
    expect(calls[i]?.ids).toEqual(expected);
    calls[i]?.answer();
  }
  expect(await asked).toEqual(['A', 'B', 'C', 'D', 'E']);
});

test('what is asked during a load goes into the next, and is answered by what was read after it was asked', async () => {
  const { values, calls, loader } = withCalls();
  values.set('a', 'old');
  const before = loader.load('a');
  await turn();
  values.set('a', 'new');
  const after = Promise.all([loader.load('a'), loader.load('b')]);
  await turn();
  expect(calls).toHaveLength(1);
  calls[0]?.answer();
  expect(await before).toBe('old');
  await turn();
  expect(calls.map(({ ids }) => ids)).toEqual([['a'], ['a', 'b']]);
  calls[1]?.answer();
  expect(await after).toEqual(['new', undefined]);
});

test('a load that fails fails those who asked for it, and nobody later', async () => {
  const { values, calls, loader } = withCalls(2);
  values.set('c', 'C');
  const asked = Promise.allSettled(['a', 'b', 'c'].map((id) => loader.load(id)));
  await turn();
  const reason = new Error('the database is away');
  calls[0]?.fail(reason);
  await turn();
  calls[1]?.answer();
  expect(await asked).toEqual([
    { status: 'rejected', reason },
    { status: 'rejected', reason },
    { status: 'fulfilled', value: 'C' },
  ]);
  const again = loader.load('c');
  await turn();
  calls[2]?.answer();
  expect(await again).toBe('C');
});
