import type { RestHandlers } from '../../platform/http/index.ts';
import type { AddressBans } from './address-bans.ts';

export function addressBanRoutes(
  bans: AddressBans,
): RestHandlers<'addressBans' | 'addAddressBan' | 'removeAddressBan'> {
  return {
    async addressBans() {
      return { bans: await bans.list() };
    },
    addAddressBan: ({ actor, call, body }) => bans.add({ actor, ip: call.ip }, body),
    removeAddressBan: ({ actor, call, params }) => bans.remove({ actor, ip: call.ip }, params.banId),
  };
}
