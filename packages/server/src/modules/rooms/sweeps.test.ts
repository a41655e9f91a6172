import { expect, test } from 'vitest';
import { someAtATime, Sweeps } from './sweeps.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('of one person one sweep runs at a time, and one more for all who asked meanwhile; others do not wait for it', async () => {
  const sweeps = new Sweeps();
  const begun: { who: string; end: () => void; fail: (error: Error) => void }[] = [];
  const run = (who: string) => sweeps.run(who, () => new Promise<void>((end, fail) => begun.push({ who, end, fail })));
  const names = () => begun.map(({ who }) => who);
  const first = run('ann');
  const others = [run('ann'), run('ann'), run('ann')];
  const bob = run('bob');
  expect(names()).toEqual(['ann', 'bob']);
  begun[0]?.fail(new Error('overloaded'));
  await expect(first).rejects.toThrow('overloaded');
  await turn();
  expect(names()).toEqual(['ann', 'bob', 'ann']);
  // It may have seen what was before this.
  const last = run('ann');
  begun[2]?.end();
  await Promise.all(others);
  await turn();
  expect(names()).toEqual(['ann', 'bob', 'ann', 'ann']);
  for (const { end } of begun) end();
  await Promise.all([last, bob]);
});

test('so many places are changed at a time', async () => {
  let [now, most] = [0, 0];
  const changed: number[] = [];
  await someAtATime(
    Array.from({ length: 100 }, (_, i) => i),
    async (place) => {
      now += 1;
      most = Math.max(most, now);
      await turn();
      changed.push(place);
      now -= 1;
    },
  );
  expect([most, changed.length, new Set(changed).size]).toEqual([32, 100, 100]);
});
