import type { AutomodAction, RightsKind } from '@confab/protocol';
import type { Consequence, Judge, JudgedMessage, Verdict } from '../contracts.ts';
import type { ReadyRule } from './rules.ts';
import type { Bursts } from '../../../platform/bursts/index.ts';
import { type Known, Subject } from './triggers.ts';

const ALLOW: Verdict = { outcome: 'allow', reason: null, ruleId: null, also: [] };
/** Where people come by themselves: there the rules of the instance hold. */
const BY_THEMSELVES: ReadonlySet<RightsKind> = new Set<RightsKind>(['public', 'language', 'match']);

/** @param rules of the instance under null, of rooms under their id; those switched on */
export function judgeBy(
  rules: ReadonlyMap<string | null, readonly ReadyRule[]>,
  { bursts, ...known }: Known & { bursts: Bursts },
): Judge {
  const rulesFor = ({ roomId, kind }: JudgedMessage) => [
    ...(BY_THEMSELVES.has(kind) ? (rules.get(null) ?? []) : []),
    ...(rules.get(roomId) ?? []),
  ];
  return {
    async verdicts(messages) {
      // Every rule is asked, whatever the others said: some count.
      const asked = messages.map((message) => ({ message, rules: rulesFor(message) }));
      const happenings = asked.flatMap(({ message, rules: its }) =>
        its.flatMap(({ trigger }) => ('counts' in trigger ? trigger.counts(message) : [])),
      );
      const answers = happenings.length === 0 ? [] : await bursts.count(happenings);
      let next = 0;
      return asked.map(({ message, rules: its }) => {
        const subject = new Subject(message);
        return outcomeOf(
          its.filter(({ trigger }) => ('counts' in trigger ? answers[next++] : trigger.matches(subject, known))),
        );
      });
    },
  };
}

/** Rejecting goes before holding, holding before nothing; what follows beside it follows of every rule. */
function outcomeOf(matched: readonly ReadyRule[]): Verdict {
  if (matched.length === 0) return ALLOW;
  const also = matched.flatMap(({ rule }) => rule.actions.flatMap((action) => consequence(action, rule) ?? []));
  for (const outcome of ['reject', 'hold'] as const) {
    const decisive = matched.find(({ rule }) => rule.actions.some(({ type }) => type === outcome));
    if (decisive !== undefined) return { outcome, reason: decisive.rule.reason, ruleId: decisive.rule.id, also };
  }
  return { ...ALLOW, also };
}

function consequence(action: AutomodAction, { id: ruleId, reason }: ReadyRule['rule']): Consequence | undefined {
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
