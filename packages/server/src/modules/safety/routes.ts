import type { RestHandlers } from '../../platform/http/index.ts';
import type { Profiles } from '../accounts/index.ts';
import type { BlockService } from './blocks.ts';

export function safetyRoutes(blocks: BlockService, profiles: Profiles): RestHandlers<'blocks' | 'block' | 'unblock'> {
  return {
    async blocks({ actor }) {
      const userIds = await blocks.list(actor.userId);
      return { userIds, users: await profiles.publicUsers(userIds) };
    },
    block: ({ actor, body }) => blocks.block(actor.userId, body.userId),
    unblock: ({ actor, params }) => blocks.unblock(actor.userId, params.userId),
  };
}
