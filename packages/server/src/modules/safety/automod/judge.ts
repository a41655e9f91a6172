import type { AutomodAction, RightsKind } from '@confab/protocol';
import type { Consequence, Judge, Verdict } from '../contracts.ts';
import type { ReadyRule } from './rules.ts';
import { type Memory, Subject } from './triggers.ts';

const ALLOW: Verdict = { outcome: 'allow', reason: null, ruleId: null, also: [] };
/** Where people come by themselves: there the rules of the instance hold. */
const BY_THEMSELVES: ReadonlySet<RightsKind> = new Set<RightsKind>(['public', 'language', 'match']);

/** @param rules of the instance under null, of rooms under their id; those switched on */
export function judgeBy(rules: ReadonlyMap<string | null, readonly ReadyRule[]>, memory: Memory): Judge {
  return {
    verdict(message) {
      const subject = new Subject(message);
      const own = rules.get(message.roomId) ?? [];
      const general = BY_THEMSELVES.has(message.kind) ? (rules.get(null) ?? []) : [];
      // Every rule is asked, whatever the others said: some count.
      return outcomeOf([...general, ...own].filter(({ matches }) => matches(subject, memory)));
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
