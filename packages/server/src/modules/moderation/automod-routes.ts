import type { RestHandlers } from '../../platform/http/index.ts';
import { ProtocolError } from '@confab/protocol';

const absent = () => Promise.reject(new ProtocolError('not_enabled'));

export function automodRoutes(): RestHandlers<
  'automodRules' | 'createAutomodRule' | 'updateAutomodRule' | 'deleteAutomodRule' | 'tryAutomodRule'
> {
  return {
    automodRules: absent,
    createAutomodRule: absent,
    updateAutomodRule: absent,
    deleteAutomodRule: absent,
    tryAutomodRule: absent,
  };
}
