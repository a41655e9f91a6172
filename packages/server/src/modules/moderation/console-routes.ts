import type { RestHandlers } from '../../platform/http/index.ts';
import { ProtocolError } from '@confab/protocol';

const absent = () => Promise.reject(new ProtocolError('not_enabled'));

export function consoleRoutes(): RestHandlers<'moderationLog' | 'exportModerationLog' | 'moderationFigures'> {
  return {
    moderationLog: absent,
    exportModerationLog: absent,
    moderationFigures: absent,
  };
}
