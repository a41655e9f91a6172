/** How much the rules of one place may hold. How many there may be is shown in moderation/automod.test.ts. */
import { setImmediate } from 'node:timers/promises';
import type { AutomodRule, AutomodTrigger } from '@confab/protocol';
import { expect, test } from 'vitest';
import { automodRules, ruleSteps } from './rules.ts';
import { inSlices } from './steps.ts';

type Words = Extract<AutomodTrigger, { type: 'words' }>;
const trigger = (change: Partial<Words>): Words => ({ type: 'words', lists: [], words: [], spare: [], ...change });
const rule = (words: string[]): AutomodRule => ({
  id: '018f0000-0000-7000-8000-000000000001',
  roomId: null,
  name: 'x',
  trigger: trigger({ words }),
  actions: [{ type: 'hold' }],
  reason: 'x',
  enabled: true,
  createdBy: '018f0000-0000-7000-8000-000000000002',
  updatedAt: 0,
});
const numbered = (count: number, rest: string) => Array.from({ length: count }, (_, i) => `${i}${rest}`.slice(0, 60));
// Two letters each, in capitals others than in small ones, and with digits in three ways.
const DENSE = 'Η1æßŒ'.repeat(12);

test('a word may stand for so many letters, however few characters it has', async () => {
  const check = (change: Partial<Words>) => automodRules.check(trigger(change));
  await expect(check({ words: ['fine', DENSE] })).rejects.toThrow('trigger.words.1 stands for more than');
  await expect(check({ spare: [DENSE] })).rejects.toThrow('trigger.spare.0 stands for more than');
  await automodRules.check(
    trigger({ words: ['long '.repeat(12), 'ﷺ'.repeat(60), 'äöü '.repeat(15), 'c0ffee '.repeat(8)] }),
  );
});

test('and so may all of a rule together', async () => {
  const words = numbered(1000, DENSE.slice(0, 40));
  await expect(automodRules.check(trigger({ words }))).rejects.toMatchObject({ code: 'bad_input' });
  await automodRules.check(
    trigger({ words: numbered(1000, 'an ordinary phrase of many words'), spare: numbered(1000, 'x') }),
  );
});

test('a place has room for rules by the letters that their words stand for', async () => {
  const words = numbered(100, DENSE.slice(0, 40));
  const of = (count: number) => Array.from({ length: count }, () => rule(words));
  await automodRules.fits(of(1), rule(words));
  await expect(automodRules.fits(of(4), rule(words))).rejects.toMatchObject({ code: 'limit_reached' });
  // As many characters of one letter each.
  const plain = Array.from({ length: 4 }, () => rule(numbered(100, 'ordinary '.repeat(5))));
  await automodRules.fits(plain, rule(numbered(100, 'ordinary '.repeat(5))));
});

test('a rule as large as may be is made ready, and its place measured, in many turns of the event loop', async () => {
  const full = Array.from({ length: 1000 }, (_, i) =>
    `${i}`.replaceAll(/\d/g, (digit) => 'abcdefghjk'[Number(digit)] ?? '').padEnd(44, 'badger '),
  );
  const large = { ...rule(full), trigger: trigger({ words: full, spare: full }) };
  const turns = async (work: Promise<unknown>) => {
    const state = { turns: 0, over: false };
    const ended = work.finally(() => (state.over = true));
    const counting = (async () => {
      for (; !state.over; state.turns += 1) await setImmediate();
    })();
    await Promise.all([ended, counting]);
    return state.turns;
  };
  expect(await turns(automodRules.check(large.trigger))).toBeGreaterThan(30);
  expect(await turns(automodRules.fits([], large))).toBeGreaterThan(30);
  expect(await turns(inSlices(ruleSteps(large)))).toBeGreaterThan(30);
});
