import { createHash } from 'node:crypto';
import { ProtocolError } from '@confab/protocol';
import type { Profile } from '@confab/protocol';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import { deriveKey, mac } from './secrets.ts';
import * as store from './store.ts';

/** Seconds. Each use of the refresh token begins it anew. */
export const SESSION_LIFETIME_S = 30 * 24 * 3600;
/** How long a spent token may be shown again by a client that did not get the answer. */
const RETRY_MS = 10_000;
const MAX_USER_AGENT = 300;
const CLEANING_BATCH = 5_000;

export type EndReason = 'signed_out' | 'reuse' | 'revoked';

/** Where a session was started from; shown to its owner. */
export interface Client {
  ip: string;
  userAgent: string;
}

export interface Sessions {
  /** Starts a session, in the caller's transaction where there is one. */
  start(db: Queryable, userId: string, client: Client): Promise<{ sessionId: string; refreshToken: string }>;
  /**
   * Exchanges a refresh token for its successor. Within 10 s of the first exchange the same token gets the same
   * successor again, as long as that has not been used itself: then the answer was lost, or two tabs asked at once.
   * Any other use of a spent token means that two parties hold the family: the session ends. Atomic: parallel calls
   * with one token take turns.
   * @throws ProtocolError unauthenticated for a token nobody was given; session_ended
   */
  refresh(token: string): Promise<{ user: Profile; sessionId: string; refreshToken: string }>;
  /** Ends a session for good and tells every node. Ending it again does nothing. */
  end(sessionId: string, reason: EndReason): Promise<void>;
  /** Ends the session that `token` belongs to, spent or not. An unknown token is nobody's: nothing happens. */
  endByToken(token: string): Promise<void>;
  /** Removes expired sessions and tokens, a bounded number at a time. */
  clean(): Promise<void>;
}

interface SessionsOptions {
  db: Database;
  clock: Clock;
  ids: Ids;
  master: Buffer;
  /** Called after a session's end is committed. */
  ended: (sessionId: string, reason: EndReason) => void;
}

export function createSessions({ db, clock, ids, master, ended }: SessionsOptions): Sessions {
  const successorKey = deriveKey(master, 'refresh-successor');

  async function end(sessionId: string, reason: EndReason): Promise<void> {
    if (await store.endSession(db, sessionId, reason, clock.now())) ended(sessionId, reason);
  }

  return {
    async start(within, userId, client) {
      const sessionId = ids.uuid();
      const refreshToken = ids.token(32);
      const now = clock.now();
      await store.insertSession(within, {
        id: sessionId,
        userId,
        createdAt: now,
        expiresAt: now + SESSION_LIFETIME_S * 1000,
        userAgent: client.userAgent.slice(0, MAX_USER_AGENT),
        ip: client.ip,
        tokenHash: hashOf(refreshToken),
      });
      return { sessionId, refreshToken };
    },

    async refresh(token) {
      // Computed rather than drawn: a retry can be given the same one, though only its hash is stored.
      const successor = mac(successorKey, 'refresh', token);

      const outcome = await db.transaction(async (tx) => {
        const session = await store.lockSessionOf(tx, hashOf(token));
        // After the lock, so that it is the state which the one before left.
        const presented = await store.refreshToken(tx, hashOf(token));
        if (session === undefined || presented === undefined) return 'unknown';
        const now = clock.now();
        if (session.endedAt !== null || session.expiresAt <= now) return 'ended';
        if (presented.spentAt === null) {
          await store.replaceToken(tx, {
            sessionId: session.id,
            hash: hashOf(token),
            successorHash: hashOf(successor),
            at: now,
            expiresAt: now + SESSION_LIFETIME_S * 1000,
          });
          return session;
        }
        if (now - presented.spentAt <= RETRY_MS) {
          const next = await store.refreshToken(tx, hashOf(successor));
          if (next?.spentAt === null) return session;
        }
        await store.endSession(tx, session.id, 'reuse', now);
        return { reused: session.id };
      });

      if (outcome === 'unknown') throw new ProtocolError('unauthenticated');
      if (outcome === 'ended') throw new ProtocolError('session_ended');
      if ('reused' in outcome) {
        ended(outcome.reused, 'reuse');
        throw new ProtocolError('session_ended');
      }
      const user = await store.sessionOwner(db, outcome.id);
      if (user === undefined) throw new ProtocolError('session_ended');
      return { user, sessionId: outcome.id, refreshToken: successor };
    },

    end,

    async endByToken(token) {
      const sessionId = await store.sessionIdOf(db, hashOf(token));
      if (sessionId !== undefined) await end(sessionId, 'signed_out');
    },

    async clean() {
      for (const table of ['refresh_tokens', 'sessions'] as const) {
        while ((await store.deleteExpired(db, table, clock.now(), CLEANING_BATCH)) === CLEANING_BATCH);
      }
    },
  };
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
