import { createHash, hash } from 'node:crypto';
import { ProtocolError } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import { BatchLoader } from '../../platform/batch-loader.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import { Lru } from './lru.ts';
import { API_TOKEN, apiSession } from './api-token-rows.ts';
import * as rows from './session-rows.ts';
import type { AccessTokens, VerifiedToken } from './tokens.ts';
import type { Authenticator } from './contracts.ts';

/** For so long a session is taken to live, and its owner to have a role, without asking again. */
const CHECK_EVERY_MS = 5_000;
const MAX_CACHED = 20_000;
/** Sessions asked about in one query. */
const BATCH = 500;

type Holder = Promise<rows.Holder | undefined>;
interface Checked {
  holder: Holder;
  checkedAt: number;
  /** Once it is known. */
  userId?: string | undefined;
}

export interface CachingAuthenticator extends Authenticator {
  /** The next use of these sessions asks the database. */
  forget(sessionIds: readonly string[]): void;
  /** The next use of any session of these people asks the database: a role has changed. */
  forgetPeople(userIds: readonly string[]): void;
}

/** @param used called whenever an API token is used, with its session */
export function createAuthenticator(
  db: Database,
  clock: Clock,
  tokens: AccessTokens,
  used: (sessionId: string) => void,
): CachingAuthenticator {
  const verified = new Lru<string, VerifiedToken>(MAX_CACHED);
  const sessions = new Lru<string, Checked>(MAX_CACHED);
  const holders = new BatchLoader((sessionIds) => rows.holders(db, sessionIds, clock.now()), BATCH);

  async function verify(token: string): Promise<VerifiedToken> {
    // A digest is shorter than what it stands for, and no secret.
    const digest = hash('sha256', token, 'base64');
    const known = verified.get(digest);
    if (known !== undefined && tokens.stillValid(known)) {
      if (known.expiresAt <= clock.now()) throw new ProtocolError('token_expired');
      return known;
    }
    const claims = token.startsWith(API_TOKEN) ? await apiToken(token) : await tokens.verify(token);
    verified.set(digest, claims);
    return claims;
  }

  async function apiToken(token: string): Promise<VerifiedToken> {
    const found = await apiSession(db, createHash('sha256').update(token).digest());
    if (found === undefined || found.expiresAt <= clock.now()) throw new ProtocolError('unauthenticated');
    return found;
  }

  // The promise is what is kept: calls at the same time share one query, and a result that arrives after `forget` was
  // called is seen only by those who asked before.
  function holderOf(sessionId: string): Holder {
    const now = clock.now();
    const known = sessions.get(sessionId);
    if (known !== undefined && now - known.checkedAt < CHECK_EVERY_MS) return known.holder;
    const entry: Checked = { holder: holders.load(sessionId), checkedAt: now };
    sessions.set(sessionId, entry);
    entry.holder.then(
      (holder) => (entry.userId = holder?.userId),
      () => {
        if (sessions.get(sessionId) === entry) sessions.delete(sessionId);
      },
    );
    return entry.holder;
  }

  async function current(userId: string, sessionId: string): Promise<Actor> {
    const holder = await holderOf(sessionId);
    if (holder?.userId !== userId) throw new ProtocolError('session_ended');
    if (holder.scopes !== null) used(sessionId);
    return { userId, sessionId, role: holder.role, scopes: holder.scopes };
  }

  return {
    async authenticate(token) {
      const { userId, sessionId, expiresAt } = await verify(token);
      return { actor: await current(userId, sessionId), expiresAt };
    },
    current: ({ userId, sessionId }) => current(userId, sessionId),
    endedSessions: (sessionIds) => rows.endedSessions(db, sessionIds, clock.now()),
    forget(sessionIds) {
      for (const sessionId of sessionIds) sessions.delete(sessionId);
    },
    forgetPeople(userIds) {
      // Who is not known yet was asked for before the change.
      for (const [sessionId, { userId }] of sessions.entries()) {
        if (userId === undefined || userIds.includes(userId)) sessions.delete(sessionId);
      }
    },
  };
}
