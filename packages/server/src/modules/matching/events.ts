import type { EventHandlers } from '../../platform/realtime/index.ts';
import type { MatchService } from './service.ts';

export function matchEvents(
  matches: MatchService,
): EventHandlers<'match:find' | 'match:next' | 'match:stop' | 'match:state'> {
  return {
    'match:find': ({ actor, input }) => matches.find(actor, input),
    'match:next': ({ actor }) => matches.next(actor),
    'match:stop': ({ actor }) => matches.stopLooking(actor),
    'match:state': ({ actor }) => matches.state(actor),
  };
}
