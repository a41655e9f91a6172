import type { AutomodAction, AutomodRule, RightsKind } from '@confab/protocol';
import type { Consequence, Judge, JudgedMessage, Verdict } from '../contracts.ts';
import type { Bursts, Happening } from '../../../platform/bursts/index.ts';
import type { Place, RuleCache } from './rule-cache.ts';
import { type Known, Subject } from './triggers.ts';

const ALLOW: Verdict = { outcome: 'allow', reason: null, ruleId: null, also: [] };
/** Where people come by themselves: there the rules of the instance hold. */
const BY_THEMSELVES: ReadonlySet<RightsKind> = new Set<RightsKind>(['public', 'language', 'match']);

interface Asked {
  rule: AutomodRule;
  /** Whether it matches, or what has to be counted to tell. */
  answer: boolean | Happening;
}

/** @param places those of the instance under null, of rooms under their id; with the rules that are switched on */
export function judgeBy(
  places: ReadonlyMap<string | null, Place>,
  cache: Pick<RuleCache, 'ask'>,
  { bursts, ...known }: Known & { bursts: Bursts },
): Judge {
  const placesFor = ({ roomId, kind, moderates = false }: JudgedMessage): Place[] => {
    const general = BY_THEMSELVES.has(kind) ? places.get(null) : undefined;
    const own = moderates ? undefined : places.get(roomId);
    return [general, own].filter((place) => place !== undefined).filter(({ entries }) => entries.length > 0);
  };
  return {
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
      const happenings = asked.flatMap(({ rules }) =>
        rules.flatMap(({ answer }) => (typeof answer === 'boolean' ? [] : answer)),
      );
      const counted = happenings.length === 0 ? [] : await bursts.count(happenings);
      let next = 0;
      return asked.map(({ rules }) =>
        outcomeOf(
          rules.flatMap(({ rule, answer }) =>
            (typeof answer === 'boolean' ? answer : counted[next++] === true) ? rule : [],
          ),
        ),
      );
    },
  };
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
