/** Guests. */
import type { RestHandlers } from '../../platform/http/index.ts';
import type { Core } from './core.ts';
import { createGuest, upgradeGuest } from './guests.ts';

export function guestRoutes(core: Core): RestHandlers<'guest' | 'upgradeGuest'> {
  return {
    guest: async ({ body, call }) =>
      core.answers.signedIn(call, body.transport, await createGuest(core, body.name, call)),
    async upgradeGuest({ body, actor, call }) {
      await upgradeGuest(core, actor.userId, body, call.ip);
      return core.people.profile(actor.userId);
    },
  };
}
