/** How much the rules of one place may hold. How many there may be is shown in moderation/automod.test.ts. */
import type { AutomodRule, AutomodTrigger } from '@confab/protocol';
import { expect, test } from 'vitest';
import { automodRules } from './index.ts';

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

test('a word may stand for so many letters, however few characters it has', () => {
  const check = (change: Partial<Words>) => () => automodRules.check(trigger(change));
  expect(check({ words: ['fine', DENSE] })).toThrow('trigger.words.1 stands for more than');
  expect(check({ spare: [DENSE] })).toThrow('trigger.spare.0 stands for more than');
  automodRules.check(trigger({ words: ['long '.repeat(12), 'ﷺ'.repeat(60), 'äöü '.repeat(15), 'c0ffee '.repeat(8)] }));
});

test('and so may all of a rule together', () => {
  const words = numbered(1000, DENSE.slice(0, 40));
  expect(() => automodRules.check(trigger({ words }))).toThrow(expect.objectContaining({ code: 'bad_input' }));
  automodRules.check(
    trigger({ words: numbered(1000, 'an ordinary phrase of many words'), spare: numbered(1000, 'x') }),
  );
});

test('a place has room for rules by the letters that their words stand for', () => {
  const words = numbered(100, DENSE.slice(0, 40));
  const of = (count: number) => Array.from({ length: count }, () => rule(words));
  expect(() => automodRules.fits(of(1), rule(words))).not.toThrow();
  expect(() => automodRules.fits(of(4), rule(words))).toThrow(expect.objectContaining({ code: 'limit_reached' }));
  // As many characters of one letter each.
  const plain = Array.from({ length: 4 }, () => rule(numbered(100, 'ordinary '.repeat(5))));
  expect(() => automodRules.fits(plain, rule(numbered(100, 'ordinary '.repeat(5))))).not.toThrow();
});
