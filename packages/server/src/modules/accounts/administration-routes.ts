/** Accounts as those see them who run the place. */
import { ProtocolError } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Call, RestHandlers } from '../../platform/http/index.ts';
import type { Administration, Deed } from './administration.ts';
import * as rows from './administration-rows.ts';
import type { Core } from './core.ts';

type Routes = RestHandlers<
  'accounts' | 'account' | 'setRole' | 'ban' | 'unban' | 'disableAccount' | 'enableAccount' | 'signOutAccount' | 'audit'
>;

interface Request {
  params: { userId: string };
  actor: Actor;
  call: Call;
}

export function administrationRoutes(core: Core, administration: Administration): Routes {
  return {
    async accounts({ query }) {
      const { q, role = null, state = null, before = null, limit } = query;
      const filter = { q: q?.toLowerCase() ?? null, role, state, before, limit: limit + 1 };
      const found = await rows.accounts(core.db, filter);
      return { accounts: found.slice(0, limit), hasMore: found.length > limit };
    },
    async account({ params }) {
      const account = await rows.account(core.db, params.userId);
      if (account === undefined) throw new ProtocolError('not_found');
      return account;
    },
    setRole: (request) => administration.setRole(deedOf(request), request.body.role),
    async ban(request) {
      const deed = deedOf(request);
      const beside = await core.banRecords().banned(byOf(deed), request.body);
      return administration.ban(deed, request.body, beside);
    },
    async unban(request) {
      const deed = deedOf(request);
      return administration.unban(deed, await core.banRecords().lifted(byOf(deed)));
    },
    disableAccount: (request) => administration.disable(deedOf(request), request.body.reason),
    enableAccount: (request) => administration.enable(deedOf(request)),
    signOutAccount: (request) => administration.signOut(deedOf(request)),
    audit: ({ query }) => core.audit.list(core.db, query),
  };
}

function byOf({ actor, userId }: Deed): { userId: string; actorId: string } {
  return { userId, actorId: actor.userId };
}

function deedOf({ params, actor, call }: Request): Deed {
  return { actor, userId: params.userId, ip: call.ip };
}
