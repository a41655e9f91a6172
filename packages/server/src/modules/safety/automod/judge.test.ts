/** Verdicts of several rules together, and what holds of all of them. */
import { randomUUID } from 'node:crypto';
import type { AutomodAction, AutomodRule, AutomodTrigger } from '@confab/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bursts, Happening } from '../../../platform/bursts/index.ts';
import { FakeClock } from '../../../platform/clock.ts';
import { memoryBursts } from '../../../platform/bursts/memory.ts';
import type { Judge, JudgedMessage } from '../contracts.ts';
import { judgeBy } from './judge.ts';
import { ruleSteps } from './rules.ts';
import { atOnce } from './steps.ts';

const NOW = Date.UTC(2026, 5, 1);
const SENDER = { id: '018f0000-0000-7000-8000-000000000001', username: 'ann', name: 'Ann', role: 'user' } as const;

function message(change: Partial<JudgedMessage> = {}): JudgedMessage {
  const joinedAt = NOW - 1e9;
  const said = { id: randomUUID(), roomId: 'room', kind: 'public', sender: SENDER, body: 'hello' } as const;
  return { ...said, joinedAt, mentions: 0, now: NOW, ...change };
}

const rule = (id: string, trigger: AutomodTrigger, actions: AutomodAction[], roomId: string | null = null) =>
  ({
    id,
    roomId,
    name: id,
    trigger,
    actions,
    reason: `because of ${id}`,
    enabled: true,
    createdBy: 'admin',
    updatedAt: 0,
  }) satisfies AutomodRule;
/** With all rules ready. */
function judgeOf(rules: readonly AutomodRule[], known: Parameters<typeof judgeBy>[2]): Judge {
  const entries = rules.map((one) => ({ rule: one, text: 0, ready: atOnce(ruleSteps(one)) }));
  const places = Map.groupBy(entries, (entry) => entry.rule.roomId);
  return judgeBy(
    new Map([...places].map(([roomId, of]) => [roomId, { key: roomId ?? 'instance', at: 0, entries: of }])),
    {
      ask: async (asked, ask) =>
        ask(asked.map((place) => place.entries.map((entry) => entry.ready ?? atOnce(ruleSteps(entry.rule))))),
    },
    known,
  );
}
const clock = new FakeClock(NOW);
const memory = () => ({ bursts: memoryBursts(), clock, hasLinked: () => false });
const verdictBy = async (judge: Judge, judged: JudgedMessage) => (await judge.verdicts([judged]))[0];

describe('a judge', () => {
  const always: AutomodTrigger = { type: 'pattern', pattern: '' };
  const judge = (...rules: ReturnType<typeof rule>[]) => judgeOf(rules, memory());
  const verdictOf = (...actions: AutomodAction[][]) =>
    verdictBy(judge(...actions.map((of, i) => rule(`r${i}`, always, of))), message());

  test('rejects before it holds, and holds before it allows; what else follows does so by every rule', async () => {
    expect(await verdictOf([{ type: 'hold' }], [{ type: 'reject' }, { type: 'warn' }], [{ type: 'reject' }])).toEqual({
      outcome: 'reject',
      reason: 'because of r1',
      ruleId: 'r1',
      also: [{ type: 'warn', ruleId: 'r1', reason: 'because of r1' }],
    });
    expect(await verdictOf([{ type: 'alert' }], [{ type: 'mute', seconds: 60 }, { type: 'hold' }])).toEqual({
      outcome: 'hold',
      reason: 'because of r1',
      ruleId: 'r1',
      also: [
        { type: 'alert', ruleId: 'r0', reason: 'because of r0' },
        { type: 'mute', seconds: 60, ruleId: 'r1', reason: 'because of r1' },
      ],
    });
    const warned = [{ type: 'warn', ruleId: 'r0', reason: 'because of r0' }];
    expect(await verdictOf([{ type: 'warn' }])).toEqual({ outcome: 'allow', reason: null, ruleId: null, also: warned });
    expect(await verdictOf()).toEqual({ outcome: 'allow', reason: null, ruleId: null, also: [] });
  });

  test('asks rules of the instance where people come by themselves, and those of a room there alone', async () => {
    const asked = judge(rule('all', always, [{ type: 'hold' }]), rule('own', always, [{ type: 'reject' }], 'mine'));
    const outcomes = async (kinds: readonly JudgedMessage['kind'][], roomId: string) =>
      (await asked.verdicts(kinds.map((kind) => message({ kind, roomId })))).map(({ outcome }) => outcome);
    expect(await outcomes(['public', 'language', 'match'], 'room')).toEqual(['hold', 'hold', 'hold']);
    expect(await outcomes(['group', 'direct'], 'room')).toEqual(['allow', 'allow']);
    expect(await outcomes(['group', 'public'], 'mine')).toEqual(['reject', 'reject']);
  });

  test('lets rules count that another one has gone before', async () => {
    const counting = judge(
      rule('first', { type: 'pattern', pattern: 'x' }, [{ type: 'reject' }]),
      rule('second', { type: 'flood', messages: 2, seconds: 10 }, [{ type: 'hold' }]),
    );
    expect(await verdictBy(counting, message({ body: 'x' }))).toMatchObject({ ruleId: 'first' });
    expect(await verdictBy(counting, message({ body: 'y' }))).toMatchObject({ ruleId: 'second' });
  });

  const HOLD: AutomodAction[] = [{ type: 'hold' }];
  const counting = (messages = 2) => [
    rule('all', { type: 'pattern', pattern: 'x' }, HOLD),
    rule('flood', { type: 'flood', messages, seconds: 10 }, HOLD, 'mine'),
    rule('same', { type: 'repeats', times: 3, seconds: 10 }, HOLD, 'mine'),
  ];
  /** One that notes what it is asked. */
  function noting(rules = counting()) {
    const counted: Happening[][] = [];
    const takenBack: string[] = [];
    const bursts = memoryBursts();
    const noted: Bursts = {
      async count(happenings) {
        counted.push([...happenings]);
        return bursts.count(happenings);
      },
      async takeBack(happenings) {
        takenBack.push(...happenings.map(({ id }) => id));
        return bursts.takeBack(happenings);
      },
    };
    const judgeAnew = () => judgeOf(rules, { bursts: noted, clock, hasLinked: () => false });
    return { judgeAnew, counted, takenBack };
  }

  test('counts many messages in one round trip, and makes none where no rule counts', async () => {
    const { judgeAnew, counted } = noting();
    const asked = judgeAnew();
    await asked.verdicts([message(), message({ body: 'x' }), message({ kind: 'direct' })]);
    expect(counted).toEqual([]);
    expect([asked.counts, judge(rule('all', always, HOLD)).counts]).toEqual([true, false]);
    const verdicts = await asked.verdicts([message({ roomId: 'mine' }), message(), message({ roomId: 'mine' })]);
    expect(verdicts.map(({ ruleId }) => ruleId)).toEqual([null, null, 'flood']);
    expect(counted.map((happenings) => happenings.map(({ times }) => times))).toEqual([[2, 3, 2, 3]]);
  });

  test('asks for no message that was counted before, and counts one that is sent again once', async () => {
    const { judgeAnew, counted } = noting();
    const [one, other, late] = [1, 2, 3].map((i) => message({ roomId: 'mine', body: `${i}` }));
    if (one === undefined || other === undefined || late === undefined) throw new Error('there are three');
    const outcomes = async (by: Judge, ...messages: JudgedMessage[]) =>
      (await by.verdicts(messages)).map(({ outcome }) => outcome);
    const first = judgeAnew();
    await first.count([one]);
    expect(counted).toHaveLength(1);
    expect(await outcomes(first, one)).toEqual(['allow']);
    expect(await outcomes(first, one)).toEqual(['allow']);
    const again = judgeAnew();
    await again.count([one, one]);
    expect(await outcomes(again, one)).toEqual(['allow']);
    expect(counted).toHaveLength(2);
    // What nobody foresaw is counted when it is asked about.
    await again.count([other]);
    expect(await outcomes(again, other, late)).toEqual(['hold', 'hold']);
    expect(counted.slice(2).map((happenings) => happenings.map(({ id }) => id))).toEqual([
      [other.id, other.id],
      [late.id, late.id],
    ]);
  });

  test('takes back what no verdict was asked about, but for what was counted before', async () => {
    const { judgeAnew, takenBack } = noting(counting(9));
    const [said, refused] = [1, 2].map((i) => message({ roomId: 'mine', body: `${i}` }));
    if (said === undefined || refused === undefined) throw new Error('there are two');
    const first = judgeAnew();
    await first.count([said, refused]);
    await first.verdicts([said]);
    first.takeBack();
    first.takeBack();
    expect(takenBack).toEqual([refused.id, refused.id]);
    const again = judgeAnew();
    await again.count([said]);
    again.takeBack();
    expect(takenBack).toHaveLength(2);
  });
});

const EVERY_TRIGGER: AutomodTrigger[] = [
  { type: 'words', lists: ['en', 'ru', 'zh', 'ar', 'th'], words: ['*ass*', 'a b', '💩', '*', '.'], spare: ['class*'] },
  { type: 'links', mode: 'any', hosts: [] },
  { type: 'links', mode: 'denied', hosts: ['evil.com'] },
  { type: 'links', mode: 'not_allowed', hosts: ['good.com'] },
  { type: 'links', mode: 'first', hosts: [] },
  { type: 'mentions', more: 2 },
  { type: 'flood', messages: 3, seconds: 10 },
  { type: 'repeats', times: 3, seconds: 10 },
  { type: 'capitals', percent: 70, letters: 5 },
  { type: 'invites' },
  { type: 'newcomers', minutes: 10 },
  { type: 'pattern', pattern: '(a+)+$' },
  { type: 'raid', joins: 5, seconds: 60, lasts: 60 },
];

describe('whatever is written', () => {
  const rules = EVERY_TRIGGER.map((trigger, i) => rule(`r${i}`, trigger, [{ type: 'hold' }]));
  const judge = judgeOf(rules, memory());
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      'f.u.c k',
      '\ud800',
      '\udc00',
      '://',
      'a.b/',
      '@1!|',
      '\u200b',
      'ﷺ',
      'Η',
      '操',
      ' ',
      '\n',
      '.',
      'xn--',
    ),
  );

  test('a judge answers, and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 0 }), async (pieces, now) => {
        const verdict = await verdictBy(judge, message({ body: pieces.join(''), now }));
        expect(['allow', 'hold']).toContain(verdict?.outcome);
      }),
      { numRuns: 300 },
    );
  });

  // What took time by the square of the length would not end before the test is given up.
  test.each([
    'a',
    '.',
    '@',
    '!',
    '@1!|',
    'fuc ',
    'f u ',
    '://',
    'a.',
    '[ . ',
    ' ',
    'ф',
    '\u200b',
    'ｆ',
    '操',
    'ﷺ',
    'a\u0301',
    'f-',
  ])('it answers in time that grows with the text, of %j 60,000 times', async (unit) => {
    expect(['allow', 'hold']).toContain((await verdictBy(judge, message({ body: unit.repeat(60_000) })))?.outcome);
  });
});
