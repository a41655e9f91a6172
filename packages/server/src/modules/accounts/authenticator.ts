import { ProtocolError, type Role } from '@confab/protocol';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import { Lru } from './lru.ts';
import * as store from './store.ts';
import type { AccessTokens, VerifiedToken } from './tokens.ts';
import type { Authenticator } from './contracts.ts';

/** For so long a session is taken to live, and its owner to have a role, without asking again. */
const CHECK_EVERY_MS = 5_000;
const MAX_CACHED = 20_000;

type Holder = { userId: string; role: Role } | undefined;

export interface CachingAuthenticator extends Authenticator {
  /** The next use of these sessions asks the database. */
  forget(sessionIds: readonly string[]): void;
}

export function createAuthenticator(db: Database, clock: Clock, tokens: AccessTokens): CachingAuthenticator {
  const verified = new Lru<string, VerifiedToken>(MAX_CACHED);
  const sessions = new Lru<string, { holder: Promise<Holder>; checkedAt: number }>(MAX_CACHED);

  async function verify(token: string): Promise<VerifiedToken> {
    const known = verified.get(token);
    if (known !== undefined) {
      if (known.expiresAt <= clock.now()) throw new ProtocolError('token_expired');
      return known;
    }
    const claims = await tokens.verify(token);
    verified.set(token, claims);
    return claims;
  }

  // The promise is what is kept: calls at the same time share one query, and a result that arrives after `forget` was
  // called is seen only by those who asked before.
  function holderOf(sessionId: string): Promise<Holder> {
    const now = clock.now();
    const known = sessions.get(sessionId);
    if (known !== undefined && now - known.checkedAt < CHECK_EVERY_MS) return known.holder;
    const entry = { holder: store.liveSession(db, sessionId, now), checkedAt: now };
    sessions.set(sessionId, entry);
    entry.holder.catch(() => {
      if (sessions.get(sessionId) === entry) sessions.delete(sessionId);
    });
    return entry.holder;
  }

  return {
    async authenticate(token) {
      const { userId, sessionId, expiresAt } = await verify(token);
      const holder = await holderOf(sessionId);
      if (holder?.userId !== userId) throw new ProtocolError('session_ended');
      return { actor: { userId, sessionId, role: holder.role }, expiresAt };
    },
    endedSessions: (sessionIds) => store.endedSessions(db, sessionIds, clock.now()),
    forget(sessionIds) {
      for (const sessionId of sessionIds) sessions.delete(sessionId);
    },
  };
}
