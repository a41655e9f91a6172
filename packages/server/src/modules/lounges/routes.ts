import type { RestHandlers } from '../../platform/http/index.ts';
import { ProtocolError } from '@confab/protocol';

const absent = () => Promise.reject(new ProtocolError('not_enabled'));

export function loungeRoutes(): RestHandlers<
  | 'lounges'
  | 'loungeRooms'
  | 'createLounge'
  | 'updateLounge'
  | 'deleteLounge'
  | 'createLanguageRoom'
  | 'updateLanguageRoom'
  | 'deleteLanguageRoom'
> {
  return {
    lounges: absent,
    loungeRooms: absent,
    createLounge: absent,
    updateLounge: absent,
    deleteLounge: absent,
    createLanguageRoom: absent,
    updateLanguageRoom: absent,
    deleteLanguageRoom: absent,
  };
}
