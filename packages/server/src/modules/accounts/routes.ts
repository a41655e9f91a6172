import { ProtocolError, type SignedIn } from '@confab/protocol';
import type { Call, RestHandlers } from '../../platform/http/index.ts';
import type { Csrf } from './csrf.ts';
import type { SigningKeys } from './keys.ts';
import type { People } from './people.ts';
import type { SignedInSession, SignInService } from './service.ts';
import { SESSION_LIFETIME_S, type Sessions } from './sessions.ts';
import { ACCESS_TOKEN_LIFETIME_S, type AccessTokens } from './tokens.ts';

const COOKIE = 'confab_refresh';
const COOKIE_PATH = '/api/auth';

type Transport = 'cookie' | 'body';

export type AccountsRoutes = RestHandlers<
  'signUp' | 'signIn' | 'refresh' | 'signOut' | 'csrf' | 'profile' | 'updateProfile' | 'jwks' | 'findUsers' | 'user'
>;

interface RoutesOptions {
  signIn: SignInService;
  sessions: Sessions;
  tokens: AccessTokens;
  people: People;
  csrf: Csrf;
  keys: SigningKeys;
}

export function accountsRoutes({ signIn, sessions, tokens, people, csrf, keys }: RoutesOptions): AccountsRoutes {
  async function answer(call: Call, transport: Transport, signedIn: SignedInSession): Promise<SignedIn> {
    const { user, sessionId, refreshToken } = signedIn;
    const accessToken = await tokens.issue({ userId: user.id, sessionId, role: user.role });
    const common = { user, accessToken, expiresIn: ACCESS_TOKEN_LIFETIME_S };
    if (transport === 'body') return { ...common, refreshToken };
    call.setCookie(COOKIE, refreshToken, { path: COOKIE_PATH, maxAge: SESSION_LIFETIME_S });
    return common;
  }

  /** A cookie comes along by itself, whoever made the call: it counts only beside a CSRF token. */
  function presented(call: Call, body: { refreshToken?: string | undefined } | undefined) {
    if (body?.refreshToken !== undefined) return { token: body.refreshToken, transport: 'body' as const };
    const token = call.cookies[COOKIE];
    if (token === undefined) return undefined;
    csrf.check(call);
    return { token, transport: 'cookie' as const };
  }

  return {
    signUp: async ({ body, call }) => answer(call, body.transport, await signIn.signUp(body, call)),
    signIn: async ({ body, call }) =>
      answer(call, body.transport, await signIn.signIn(body.email, body.password, call)),

    async refresh({ body, call }) {
      const refresh = presented(call, body);
      if (refresh === undefined) throw new ProtocolError('unauthenticated');
      return answer(call, refresh.transport, await sessions.refresh(refresh.token));
    },

    async signOut({ body, call }) {
      const refresh = presented(call, body);
      if (refresh === undefined) return;
      await sessions.endByToken(refresh.token);
      if (refresh.transport === 'cookie') call.setCookie(COOKIE, '', { path: COOKIE_PATH, maxAge: 0 });
    },

    csrf: ({ call }) => Promise.resolve({ csrfToken: csrf.issue(call) }),
    jwks: () => Promise.resolve(keys.jwks),

    profile: ({ actor }) => people.profile(actor.userId),
    updateProfile: ({ actor, body }) =>
      body.name === undefined ? people.profile(actor.userId) : people.rename(actor.userId, body.name),
    user: ({ params }) => people.user(params.userId),
    findUsers: async ({ query }) => ({ users: await people.find(query.q, query.limit) }),
  };
}
