import type { RestHandlers } from '../../platform/http/index.ts';
import { ProtocolError } from '@confab/protocol';

const absent = () => Promise.reject(new ProtocolError('not_enabled'));

export function reportRoutes(): RestHandlers<
  'report' | 'reports' | 'cases' | 'case' | 'assignCase' | 'noteCase' | 'closeCase'
> {
  return {
    report: absent,
    reports: absent,
    cases: absent,
    case: absent,
    assignCase: absent,
    noteCase: absent,
    closeCase: absent,
  };
}
