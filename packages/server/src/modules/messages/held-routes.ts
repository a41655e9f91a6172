import type { RestHandlers } from '../../platform/http/index.ts';
import { ProtocolError } from '@confab/protocol';

const absent = () => Promise.reject(new ProtocolError('not_enabled'));

export function heldRoutes(): RestHandlers<'held' | 'decideHeld' | 'dropHeld'> {
  return {
    held: absent,
    decideHeld: absent,
    dropHeld: absent,
  };
}
