import type { AutomodAction, AutomodRule, RightsKind } from '@confab/protocol';
import type { Consequence, CountedMessage, Judge, JudgedMessage, Verdict } from '../contracts.ts';
import type { Bursts, Counted, Happening } from '../../../platform/bursts/index.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Place, RuleCache } from './rule-cache.ts';
import { happeningOf, isCounting, type Known, Subject } from './triggers.ts';

const ALLOW: Verdict = { outcome: 'allow', reason: null, ruleId: null, also: [] };
/** Where people come by themselves: there the rules of the instance hold. */
const BY_THEMSELVES: ReadonlySet<RightsKind> = new Set<RightsKind>(['public', 'language', 'match']);

interface Asked {
  rule: AutomodRule;
  /** Whether it matches, or what has to be counted to tell. */
  answer: boolean | Happening;
}

interface Tally {
  happening: Happening;
  counted: Counted;
  /** Whether a verdict has asked for it. */
  asked: boolean;
}

/** @param places those of the instance under null, of rooms under their id; with the rules that are switched on */
export function judgeBy(
  places: ReadonlyMap<string | null, Place>,
  cache: Pick<RuleCache, 'ask'>,
  { bursts, clock, ...known }: Known & { bursts: Bursts; clock: Clock },
): Judge {
  const tallies = new Map<string, Tally>();
  const placesFor = ({ roomId, kind, moderates = false }: CountedMessage): Place[] => {
    const general = BY_THEMSELVES.has(kind) ? places.get(null) : undefined;
    const own = moderates ? undefined : places.get(roomId);
    return [general, own].filter((place) => place !== undefined).filter(({ entries }) => entries.length > 0);
  };

  /** Counts those that were not counted yet. */
  async function tally(happenings: readonly Happening[]): Promise<void> {
    const fresh = new Map(happenings.filter((one) => !tallies.has(nameOf(one))).map((one) => [nameOf(one), one]));
    if (fresh.size === 0) return;
    const counted = await bursts.count([...fresh.values()]);
    for (const [i, [name, happening]] of [...fresh].entries()) {
      tallies.set(name, { happening, counted: counted[i] ?? UNCOUNTED, asked: false });
    }
  }

  function isBurst(happening: Happening): boolean {
    const known = tallies.get(nameOf(happening));
    if (known === undefined) throw new Error('a message was not counted');
    known.asked = true;
    return known.counted.isBurst;
  }

  return {
    counts: [...places.values()].some(({ entries }) => entries.some(({ rule }) => isCounting(rule.trigger))),

    async count(messages) {
      const now = clock.now();
      const happenings = messages.flatMap((message) =>
        placesFor(message)
          .flatMap(({ entries }) => entries)
          .flatMap(({ rule: { id, trigger } }) =>
            isCounting(trigger) ? happeningOf(id, trigger, { ...message, now }) : [],
          ),
      );
      await tally(happenings);
    },

    async verdicts(messages) {
      const asked = messages.map((message) => ({ message, places: placesFor(message), rules: [] as Asked[] }));
      const ruled = asked.filter((one) => one.places.length > 0);
      // Room by room: the rules of many need not fit into memory together.
      for (const inRoom of Map.groupBy(ruled, ({ message }) => placeOf(message)).values()) {
        const [first] = inRoom;
        if (first === undefined) continue;
        await cache.ask(first.places, (ready) => {
          for (const { message, rules } of inRoom) {
            const subject = new Subject(message);
            // Every rule is asked, whatever the others said: some count.
            for (const { rule, trigger } of ready.flat()) {
              const counts = 'counts' in trigger;
              rules.push({ rule, answer: counts ? trigger.counts(message) : trigger.matches(subject, known) });
            }
          }
        });
      }
      await tally(
        asked.flatMap(({ rules }) => rules.flatMap(({ answer }) => (typeof answer === 'boolean' ? [] : answer))),
      );
      return asked.map(({ rules }) => {
        const matched = rules.filter(({ answer }) => (typeof answer === 'boolean' ? answer : isBurst(answer)));
        return outcomeOf(matched.map(({ rule }) => rule));
      });
    },

    takeBack() {
      const idle = [...tallies].filter(([, { counted, asked }]) => !asked && counted.isNew);
      if (idle.length === 0) return;
      for (const [name] of idle) tallies.delete(name);
      // It never rejects, and whatever is counted later comes after it.
      void bursts.takeBack(idle.map(([, { happening }]) => happening));
    },
  };
}

const UNCOUNTED: Counted = { isBurst: false, isNew: false };

function nameOf({ key, id }: Happening): string {
  return `${key} ${id}`;
}

/** The same for all whom the same rules hold for. */
function placeOf({ roomId, kind, moderates = false }: JudgedMessage): string {
  return `${kind} ${roomId} ${moderates}`;
}

/** Rejecting goes before holding, holding before nothing; what follows beside it follows of every rule. */
function outcomeOf(matched: readonly AutomodRule[]): Verdict {
  if (matched.length === 0) return ALLOW;
  const also = matched.flatMap((rule) => rule.actions.flatMap((action) => consequence(action, rule) ?? []));
  for (const outcome of ['reject', 'hold'] as const) {
    const decisive = matched.find(({ actions }) => actions.some(({ type }) => type === outcome));
    if (decisive !== undefined) return { outcome, reason: decisive.reason, ruleId: decisive.id, also };
  }
  return { ...ALLOW, also };
}

function consequence(action: AutomodAction, { id: ruleId, reason }: AutomodRule): Consequence | undefined {
  switch (action.type) {
    case 'hold':
    case 'reject':
      return undefined;
    case 'mute':
      return { type: 'mute', ruleId, reason, seconds: action.seconds };
    case 'warn':
    case 'alert':
      return { type: action.type, ruleId, reason };
  }
}
