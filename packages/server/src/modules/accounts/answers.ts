/** What every way in answers, and where the refresh token travels. */
import { ProtocolError, type SignedIn, type SignInAnswer } from '@confab/protocol';
import type { Call } from '../../platform/http/index.ts';
import type { Csrf } from './csrf.ts';
import { type Entered, SECOND_FACTOR_S } from './entry.ts';
import type { People } from './people.ts';
import type { SessionLifetimes, Sessions, StartedSession } from './sessions.ts';
import { ACCESS_TOKEN_LIFETIME_S, type AccessTokens } from './tokens.ts';

const COOKIE = 'confab_refresh';
const COOKIE_PATH = '/api/auth';

export type Transport = 'cookie' | 'body';

export interface Answers {
  signedIn(call: Call, transport: Transport, session: StartedSession): Promise<SignedIn>;
  entered(call: Call, transport: Transport, entered: Entered): Promise<SignInAnswer>;
  /**
   * The refresh token goes into its cookie, for answers that lead elsewhere. Another session that was in there ends: nobody
   * could reach it any more. That takes no CSRF token: whoever gets here has proven who they are, which pages of other
   * sites cannot do for a browser (`Origin`, and the state of OAuth).
   */
  keep(call: Call, session: StartedSession): Promise<void>;
  /**
   * The refresh token a call presents. A cookie comes along by itself, whoever made the call: it counts only beside a CSRF
   * token.
   * @throws ProtocolError csrf
   */
  presented(
    call: Call,
    body: { refreshToken?: string | undefined } | undefined,
  ): { token: string; transport: Transport } | undefined;
  forget(call: Call): void;
}

interface AnswersOptions {
  tokens: AccessTokens;
  people: People;
  csrf: Csrf;
  sessions: Sessions;
  lifetimes: SessionLifetimes;
}

export function createAnswers({ tokens, people, csrf, sessions, lifetimes }: AnswersOptions): Answers {
  async function keep(call: Call, { refreshToken, sessionId }: StartedSession): Promise<void> {
    const before = call.cookies[COOKIE];
    if (before !== undefined) await sessions.endByToken(before, sessionId);
    call.setCookie(COOKIE, refreshToken, { path: COOKIE_PATH, maxAge: lifetimes.idle });
  }

  async function signedIn(call: Call, transport: Transport, session: StartedSession): Promise<SignedIn> {
    const { userId, sessionId, refreshToken } = session;
    const user = await people.profile(userId);
    const accessToken = await tokens.issue({ userId, sessionId, role: user.role });
    const common = { user, accessToken, expiresIn: ACCESS_TOKEN_LIFETIME_S };
    if (transport === 'body') return { ...common, refreshToken };
    await keep(call, session);
    return common;
  }

  return {
    signedIn,
    keep,
    async entered(call, transport, entered) {
      if (!('secondFactor' in entered)) return signedIn(call, transport, entered);
      return { secondFactor: { challenge: entered.secondFactor, expiresIn: SECOND_FACTOR_S } };
    },
    presented(call, body) {
      if (body?.refreshToken !== undefined) return { token: body.refreshToken, transport: 'body' };
      const token = call.cookies[COOKIE];
      if (token === undefined) return undefined;
      csrf.check(call);
      return { token, transport: 'cookie' };
    },
    forget(call) {
      call.setCookie(COOKIE, '', { path: COOKIE_PATH, maxAge: 0 });
    },
  };
}

/** @throws ProtocolError unauthenticated */
export function demandPresented<T>(presented: T | undefined): T {
  if (presented === undefined) throw new ProtocolError('unauthenticated');
  return presented;
}
