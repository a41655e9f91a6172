import type { RestHandlers } from '../../platform/http/index.ts';
import type { Profiles } from '../accounts/index.ts';
import type { AgeService } from './ages.ts';
import type { BlockService } from './blocks.ts';
import type { NoticeService } from './notices.ts';

export function safetyRoutes({
  blocks,
  notices,
  ages,
  profiles,
}: {
  blocks: BlockService;
  notices: NoticeService;
  ages: AgeService;
  profiles: Profiles;
}): RestHandlers<'blocks' | 'block' | 'unblock' | 'notices' | 'seeNotices' | 'ageConfirmation' | 'confirmAge'> {
  return {
    async blocks({ actor }) {
      const userIds = await blocks.list(actor.userId);
      return { userIds, users: await profiles.publicUsers(userIds) };
    },
    block: ({ actor, body }) => blocks.block(actor.userId, body.userId),
    unblock: ({ actor, params }) => blocks.unblock(actor.userId, params.userId),
    notices: ({ actor, query }) => notices.list(actor, query),
    seeNotices: ({ actor, body }) => notices.see(actor, body.ids),
    async ageConfirmation({ actor }) {
      return { confirmedAt: await ages.confirmedAt(actor.userId) };
    },
    async confirmAge({ actor }) {
      await ages.confirm(actor.userId);
      return { confirmedAt: await ages.confirmedAt(actor.userId) };
    },
  };
}
