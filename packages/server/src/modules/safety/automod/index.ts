import type { Automod } from '../contracts.ts';

/** No rules yet. */
export function createAutomod(): Automod {
  return {
    judgeFor: async () => ({ verdict: () => ({ outcome: 'allow', reason: null, ruleId: null, also: [] }) }),
    posted: async () => {},
  };
}
