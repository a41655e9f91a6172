/** Where one is signed in. */
import type { RestHandlers } from '../../platform/http/index.ts';
import type { Core } from './core.ts';
import { endOthers, endOwn, liveSessions } from './session-list.ts';

export function sessionRoutes(core: Core): RestHandlers<'sessions' | 'endSession' | 'endOtherSessions'> {
  return {
    sessions: async ({ actor }) => ({ sessions: await liveSessions(core, actor) }),
    endSession: ({ params, actor, call }) => endOwn(core, actor, 'session', params.sessionId, call.ip),
    endOtherSessions: ({ actor, call }) => endOthers(core, actor, call.ip),
  };
}
