import type { RestHandlers } from '../../platform/http/index.ts';
import { ProtocolError } from '@confab/protocol';

const absent = () => Promise.reject(new ProtocolError('not_enabled'));

export function roomModerationRoutes(): RestHandlers<'moderateRoom'> {
  return {
    moderateRoom: absent,
  };
}
