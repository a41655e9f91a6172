/** Mobile numbers. */
import type { RestHandlers } from '../../platform/http/index.ts';
import type { Core } from './core.ts';
import { createPhones } from './phones.ts';

export function phoneRoutes(core: Core): RestHandlers<'setPhone' | 'verifyPhone' | 'removePhone'> {
  const phones = createPhones(core);
  return {
    setPhone: ({ actor, body }) => phones.sendCode(actor.userId, body.phone),
    async verifyPhone({ actor, body, call }) {
      await phones.verify(actor, body.code, call.ip);
      return core.people.profile(actor.userId);
    },
    removePhone: ({ actor, call }) => phones.remove(actor.userId, call.ip),
  };
}
