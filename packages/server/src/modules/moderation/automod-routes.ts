import type { RestHandlers } from '../../platform/http/index.ts';
import { WORD_LISTS } from '../safety/index.ts';
import { type AutomodRuleDeps, AutomodRuleService } from './automod-rules.ts';
import { type TrialDeps, tryRule } from './automod-trial.ts';

export function automodRoutes(
  deps: AutomodRuleDeps & TrialDeps,
): RestHandlers<'automodRules' | 'createAutomodRule' | 'updateAutomodRule' | 'deleteAutomodRule' | 'tryAutomodRule'> {
  const rules = new AutomodRuleService(deps);
  return {
    async automodRules({ actor, query }) {
      return { rules: await rules.list(actor, query.roomId ?? null), lists: [...WORD_LISTS] };
    },
    createAutomodRule: ({ actor, body }) => rules.create(actor, body),
    updateAutomodRule: ({ actor, params, body }) => rules.update(actor, params.ruleId, body),
    deleteAutomodRule: ({ actor, params }) => rules.remove(actor, params.ruleId),
    tryAutomodRule: ({ actor, body }) => tryRule(deps, actor, body),
  };
}
