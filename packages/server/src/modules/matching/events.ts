import type { EventHandlers } from '../../platform/realtime/index.ts';
import { ProtocolError } from '@confab/protocol';

const absent = () => Promise.reject(new ProtocolError('not_enabled'));

export function matchEvents(): EventHandlers<'match:find' | 'match:next' | 'match:stop' | 'match:state'> {
  return {
    'match:find': absent,
    'match:next': absent,
    'match:stop': absent,
    'match:state': absent,
  };
}
