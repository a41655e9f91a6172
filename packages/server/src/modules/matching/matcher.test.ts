import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Waiting } from '../../platform/matching/index.ts';
import { INTEREST_MS, LANGUAGE_MS, Matcher } from './matcher.ts';

const NOW = 1_900_000_000_000;

function person(userId: string, wishes: Partial<Waiting> = {}): Waiting {
  return {
    userId,
    ticket: userId,
    since: NOW,
    guest: false,
    meetGuests: false,
    languages: [],
    interests: [],
    ...wishes,
  };
}

function matcherOf(...people: Waiting[]): Matcher {
  const matcher = new Matcher();
  for (const one of people) matcher.put(one);
  return matcher;
}
/** Who is given to whom, as `ann+bob`. */
const couples = (matcher: Matcher, now = NOW, most = 100) =>
  matcher.propose(now, most).map(({ people }) =>
    people
      .map(({ userId }) => userId)
      .toSorted()
      .join('+'),
  );

describe('what people have in common', () => {
  const german = { languages: ['de'], interests: ['chess'] };

  test('a common language and a common interest go first, also before somebody who waits longer', () => {
    const matcher = matcherOf(
      person('ann', german),
      person('bob', { languages: ['de'], since: NOW - INTEREST_MS }),
      person('cem', { languages: ['de'], interests: ['tea', 'chess'] }),
    );
    expect(couples(matcher)).toEqual(['ann+cem']);
  });

  test('for five seconds both insist on a common interest, then on a common language alone', () => {
    const matcher = matcherOf(person('ann', german), person('bob', { languages: ['de'], interests: ['tea'] }));
    expect(couples(matcher, NOW + INTEREST_MS - 1)).toEqual([]);
    expect(couples(matcher, NOW + INTEREST_MS)).toEqual(['ann+bob']);
  });

  test('after fifteen seconds they take anybody', () => {
    const matcher = matcherOf(person('ann', german), person('bob', { languages: ['fr'], interests: ['tea'] }));
    expect(couples(matcher, NOW + LANGUAGE_MS - 1)).toEqual([]);
    expect(couples(matcher, NOW + LANGUAGE_MS)).toEqual(['ann+bob']);
  });

  test('whoever waits long does not take somebody who came just now and still insists', () => {
    const matcher = matcherOf(
      person('ann', { ...german, since: NOW - LANGUAGE_MS }),
      person('bob', { languages: ['fr'] }),
    );
    expect(couples(matcher)).toEqual([]);
    expect(couples(matcher, NOW + LANGUAGE_MS)).toEqual(['ann+bob']);
  });

  test('who names nothing insists on nothing', () => {
    expect(couples(matcherOf(person('ann'), person('bob')))).toEqual(['ann+bob']);
    const matcher = matcherOf(person('ann'), person('bob', german));
    expect(couples(matcher, NOW + LANGUAGE_MS - 1)).toEqual([]);
    expect(couples(matcher, NOW + LANGUAGE_MS)).toEqual(['ann+bob']);
  });

  test('regions of a language and letters in another case make no difference; what is common is told', () => {
    const matcher = matcherOf(
      person('ann', { languages: ['pt-BR', 'en-GB'], interests: ['Chess', 'Tea'] }),
      person('bob', { languages: ['en-US', 'pt-PT'], interests: ['CHESS'] }),
    );
    expect(matcher.propose(NOW, 1)[0]?.common).toEqual(['pt', 'en', 'chess']);
  });

  test('those who wait longest are served first', () => {
    const waits = ['ann', 'bob', 'cem', 'dan'].map((id, i) => person(id, { since: NOW + i }));
    const matcher = matcherOf(...waits);
    expect(couples(matcher, NOW + 10, 1)).toEqual(['ann+bob']);
    expect(couples(matcher, NOW + 10, 1)).toEqual(['cem+dan']);
  });
});

test('guests meet guests, and members who choose so', () => {
  const guest = { guest: true };
  expect(couples(matcherOf(person('ann', guest), person('bob', guest)))).toEqual(['ann+bob']);
  expect(couples(matcherOf(person('ann', guest), person('bob', { meetGuests: true })))).toEqual(['ann+bob']);
  expect(couples(matcherOf(person('ann', guest), person('bob')))).toEqual([]);
  expect(couples(matcherOf(person('ann', { meetGuests: true }), person('bob')))).toEqual(['ann+bob']);
});

test('who was proposed is proposed to nobody else until given back; who is forbidden, until then', () => {
  const matcher = matcherOf(person('ann'), person('bob'));
  expect(couples(matcher)).toEqual(['ann+bob']);
  expect(couples(matcher)).toEqual([]);
  matcher.forbid('ann', 'bob', NOW + 1000);
  matcher.giveBack('ann');
  matcher.giveBack('bob');
  expect(couples(matcher, NOW + 999)).toEqual([]);
  expect(couples(matcher, NOW + 1000)).toEqual(['ann+bob']);
  matcher.remove('ann');
  matcher.giveBack('ann');
  matcher.giveBack('bob');
  expect([couples(matcher), matcher.size]).toEqual([[], 1]);
});

describe('whoever comes and goes', () => {
  const wishes = fc.record({
    guest: fc.boolean(),
    meetGuests: fc.boolean(),
    languages: fc.subarray(['de', 'en-GB', 'fr']),
    interests: fc.subarray(['chess', 'tea', 'music']),
    after: fc.nat(20_000),
  });
  const world = fc.record({
    people: fc.array(wishes, { maxLength: 30 }),
    // Indexes of two people who may never meet.
    forbidden: fc.array(fc.tuple(fc.nat(29), fc.nat(29)), { maxLength: 60 }),
    most: fc.integer({ min: 1, max: 5 }),
  });

  test('nobody is given away twice, nobody to whom they may not meet, and all who can meet do within bounded rounds', () => {
    fc.assert(
      fc.property(world, ({ people, forbidden, most }) => {
        const entries = people.map(({ after, ...rest }, i) => person(`p${i}`, { ...rest, since: NOW + after }));
        const never = new Set(forbidden.flatMap(([a, b]) => [`p${a}+p${b}`, `p${b}+p${a}`]));
        const matcher = matcherOf(...entries);
        const left = new Map(entries.map((entry) => [entry.userId, entry]));
        // Everyone takes anybody by then; each round gives somebody away or finds out who may not meet.
        const rounds = people.length + forbidden.length + 1;
        const end = NOW + 20_000 + LANGUAGE_MS;
        for (let round = 0; round <= rounds; round += 1) {
          const now = round === 0 ? NOW + 20_000 : end;
          for (const { people: two } of matcher.propose(now, most)) {
            const [a, b] = two;
            const refused = never.has(`${a.userId}+${b.userId}`);
            if (refused) matcher.forbid(a.userId, b.userId, Number.POSITIVE_INFINITY);
            for (const { userId } of two) {
              expect(left.has(userId)).toBe(true);
              if (refused) matcher.giveBack(userId);
              else {
                left.delete(userId);
                matcher.remove(userId);
              }
            }
          }
        }
        const together = (a: Waiting, b: Waiting) =>
          (!a.guest || b.guest || b.meetGuests) && (!b.guest || a.guest || a.meetGuests);
        const stuck = [...left.values()];
        for (const a of stuck)
          for (const b of stuck)
            if (a !== b && !never.has(`${a.userId}+${b.userId}`)) expect(together(a, b)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('what both insist on is what they have in common', () => {
    fc.assert(
      fc.property(fc.array(wishes, { maxLength: 30 }), fc.nat(40_000), (people, later) => {
        const now = NOW + later;
        const came = people.filter(({ after }) => after <= later);
        const entries = came.map(({ after, ...rest }, i) => person(`p${i}`, { ...rest, since: NOW + after }));
        const share = (a: readonly string[], b: readonly string[]) => a.some((one) => b.includes(one));
        for (const { people: two } of matcherOf(...entries).propose(now, 100)) {
          const [a, b] = two;
          for (const { since, languages, interests } of two) {
            if (languages.length > 0 && now - since < LANGUAGE_MS) expect(share(a.languages, b.languages)).toBe(true);
            if (interests.length > 0 && now - since < INTEREST_MS) expect(share(a.interests, b.interests)).toBe(true);
          }
        }
      }),
    );
  });

  test('ten thousand are given away in rounds of bounded work', () => {
    const matcher = new Matcher();
    for (let i = 0; i < 10_000; i += 1) {
      matcher.put(person(`p${i}`, { languages: [`l${i % 20}`, `l${i % 7}`], interests: [`i${i % 50}`, `i${i % 31}`] }));
    }
    let rounds = 0;
    while (matcher.size > 1) {
      rounds += 1;
      for (const { people } of matcher.propose(NOW + rounds * 250, 250)) {
        for (const { userId } of people) matcher.remove(userId);
      }
    }
    // 5,000 couples, 250 a round, and those who had to wait for others.
    expect(rounds).toBeLessThan(100);
  });
});
