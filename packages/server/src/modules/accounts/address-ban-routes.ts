import type { RestHandlers } from '../../platform/http/index.ts';
import { ProtocolError } from '@confab/protocol';

const absent = () => Promise.reject(new ProtocolError('not_enabled'));

export function addressBanRoutes(): RestHandlers<'addressBans' | 'addAddressBan' | 'removeAddressBan'> {
  return {
    addressBans: absent,
    addAddressBan: absent,
    removeAddressBan: absent,
  };
}
