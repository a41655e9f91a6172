/** Accounts elsewhere that sign in here. */
import { ProtocolError } from '@confab/protocol';
import type { Call, RestHandlers } from '../../platform/http/index.ts';
import type { Core } from './core.ts';
import { createIdentities, TICKET_S } from './identities.ts';
import * as rows from './identity-rows.ts';
import { ATTEMPT_S, createOAuth } from './oauth.ts';

/** What this browser began, so that nobody else's attempt is finished in it: the state, later the ticket. */
const COOKIE = 'confab_oauth';
const COOKIE_PATH = '/api/auth/oauth';

type Routes = RestHandlers<
  'oauthStart' | 'oauthCallback' | 'oauthComplete' | 'linkIdentity' | 'unlinkIdentity' | 'identities'
>;

export function oauthRoutes(core: Core): Routes {
  const { db, answers } = core;
  const oauth = createOAuth(core);
  const identities = createIdentities(core);

  function remember(call: Call, value: string, maxAge: number): void {
    call.setCookie(COOKIE, value, { path: COOKIE_PATH, maxAge });
  }

  return {
    async oauthStart({ params, query, call }) {
      // A page of another site could otherwise have a browser sign in, where the provider asks nothing (ASVS 7.6.2).
      if (call.fetchSite === 'cross-site') throw new ProtocolError('origin_refused');
      const { location, state } = await oauth.start(params.provider, query.returnTo ?? '/');
      remember(call, state, ATTEMPT_S);
      return { location };
    },
    async linkIdentity({ actor, params, call }) {
      const { location, state } = await oauth.startLink(actor, params.provider);
      remember(call, state, ATTEMPT_S);
      return { location };
    },
    async oauthCallback({ params, query, call }) {
      const { location, session, ticket } = await oauth.finish(params.provider, query, call.cookies[COOKIE], call);
      if (ticket !== undefined) remember(call, ticket, TICKET_S);
      if (session !== undefined) await answers.keep(call, session);
      return { location };
    },
    async oauthComplete({ body, call }) {
      // A link that somebody sends does not make their account elsewhere a way into mine.
      if (call.cookies[COOKIE] !== body.ticket) throw new ProtocolError('invalid_link');
      const session = await identities.complete(body.ticket, body.username, body.name, call);
      remember(call, '', 0);
      return answers.signedIn(call, body.transport, session);
    },
    async unlinkIdentity({ actor, params, call }) {
      await identities.unlink(actor.userId, params.provider, call);
    },
    identities: async ({ actor }) => ({ identities: await rows.identities(db, actor.userId) }),
  };
}
