import { createHash } from 'node:crypto';
import { ProtocolError } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Audit } from './audit.ts';
import type { BanAppeals } from './ban-appeals.ts';
import { deriveKey, mac } from './secrets.ts';
import * as rows from './session-rows.ts';
import { banOf, lockStanding } from './user-rows.ts';

/** How long a spent token may be shown again by a client that did not get the answer. */
const RETRY_MS = 10_000;
const MAX_USER_AGENT = 300;
const CLEANING_BATCH = 5_000;

export type EndReason =
  | 'signed_out'
  | 'reuse'
  | 'revoked'
  | 'password_changed'
  | 'banned'
  | 'disabled'
  | 'deactivated'
  | 'deleted';

/** How a session was begun; shown to its owner. */
export type Method = 'sign_up' | 'password' | 'email_code' | 'passkey' | 'oauth' | 'guest';

/** Where a session was started from; shown to its owner. */
export interface Client {
  ip: string;
  userAgent: string;
}

export interface StartedSession {
  userId: string;
  sessionId: string;
  refreshToken: string;
}

export interface Sessions {
  /**
   * Starts a session, in the caller's transaction where there is one. Whether its owner may come in is asked before, by
   * `entry.ts`.
   * @param endsAt epoch ms: it ends then however much it is used, and after the configured time in any case
   */
  start(db: Queryable, userId: string, method: Method, client: Client, endsAt?: number | null): Promise<StartedSession>;
  /**
   * Exchanges a refresh token for its successor. Within 10 s of the first exchange the same token gets the same
   * successor again, as long as that has not been used itself: then the answer was lost, or two tabs asked at once.
   * Any other use of a spent token means that two parties hold the family: the session ends, and the audit log says so. Atomic: parallel calls
   * with one token take turns. The newest token of a session that a ban has ended still says whose it is: where nobody has
   * another way in, such as guests, they can appeal by it.
   * @throws ProtocolError unauthenticated for a token nobody was given; session_ended; account_banned with a token to appeal
   * with
   */
  refresh(token: string, client: Client): Promise<StartedSession>;
  /** Ends a session for good and tells every node. Ending it again does nothing. */
  end(sessionId: string, reason: EndReason): Promise<void>;
  /**
   * Ends all sessions and API tokens of a person, but `except`, in the caller's transaction. Once that is committed, the
   * answer goes to `announce`.
   */
  endAll(tx: Queryable, userId: string, reason: EndReason, except?: string): Promise<Ended>;
  /** Tells every node, which cuts their sockets. */
  announce(ended: Ended): void;
  /**
   * Locks the actor's account until the transaction ends, and makes sure that the session they call from lives: what ended
   * it may have been committed after the call was let in. For whatever would outlast the session, such as another way in.
   * @throws ProtocolError session_ended
   */
  demandLive(tx: Queryable, actor: Pick<Actor, 'userId' | 'sessionId'>): Promise<rows.Holder>;
  /** Ends the session that `token` belongs to, spent or not, but `except`. An unknown token is nobody's: nothing happens. */
  endByToken(token: string, except?: string): Promise<void>;
  /** Removes expired sessions and tokens, a bounded number at a time. */
  clean(): Promise<void>;
}

export interface Ended {
  sessionIds: string[];
  reason: EndReason;
  /** Their owner, where all of one person ended. */
  userId?: string;
}

export interface SessionLifetimes {
  /** Seconds without a use after which a session ends. */
  idle: number;
  /** Seconds after which it ends in any case. */
  absolute: number;
}

interface SessionsOptions {
  db: Database;
  clock: Clock;
  ids: Ids;
  audit: Audit;
  banAppeals: BanAppeals;
  master: Buffer;
  lifetimes: SessionLifetimes;
  /** Called after the end of sessions is committed. */
  ended: (ended: Ended) => void;
}

export function createSessions({
  db,
  clock,
  ids,
  audit,
  banAppeals,
  master,
  lifetimes,
  ended,
}: SessionsOptions): Sessions {
  const successorKey = deriveKey(master, 'refresh-successor');

  async function end(sessionId: string, reason: EndReason): Promise<void> {
    if (await rows.endSession(db, sessionId, reason, clock.now())) {
      ended({ sessionIds: [sessionId], reason });
    }
  }

  /** Of whoever holds the token of a session that is over. @throws ProtocolError account_banned, session_ended */
  async function refuse(userId: string): Promise<never> {
    const ban = await banOf(db, userId);
    if (ban !== undefined) banAppeals.refuse(userId, ban);
    throw new ProtocolError('session_ended');
  }

  function expiry(now: number, endsAt: number | null): number {
    return Math.min(now + lifetimes.idle * 1000, endsAt ?? Infinity);
  }

  return {
    async start(within, userId, method, client, endsAt = null) {
      const sessionId = ids.uuid();
      const refreshToken = ids.token(32);
      const now = clock.now();
      const end = Math.min(now + lifetimes.absolute * 1000, endsAt ?? Infinity);
      await rows.insertSession(within, {
        id: sessionId,
        userId,
        method,
        createdAt: now,
        expiresAt: expiry(now, end),
        endsAt: end,
        userAgent: client.userAgent.slice(0, MAX_USER_AGENT),
        ip: client.ip,
        tokenHash: hashOf(refreshToken),
      });
      return { userId, sessionId, refreshToken };
    },

    async refresh(token, client) {
      // Computed rather than drawn: a retry can be given the same one, though only its hash is stored.
      const successor = mac(successorKey, 'refresh', token);

      const outcome = await db.transaction(async (tx) => {
        const session = await rows.lockSessionOf(tx, hashOf(token));
        // After the lock, so that it is the state which the one before left.
        const presented = await rows.refreshToken(tx, hashOf(token));
        if (session === undefined || presented === undefined) return 'unknown';
        const now = clock.now();
        if (session.expiresAt <= now) return 'ended';
        if (session.endedAt !== null) {
          const isTheirs = session.endReason === 'banned' && presented.spentAt === null;
          return isTheirs ? { keptOut: session.userId } : 'ended';
        }
        if (presented.spentAt === null) {
          await rows.replaceToken(tx, {
            sessionId: session.id,
            hash: hashOf(token),
            successorHash: hashOf(successor),
            at: now,
            expiresAt: expiry(now, session.endsAt),
            ip: client.ip,
          });
          return session;
        }
        if (now - presented.spentAt <= RETRY_MS) {
          const next = await rows.refreshToken(tx, hashOf(successor));
          if (next?.spentAt === null) return session;
        }
        await rows.endSession(tx, session.id, 'reuse', now);
        await audit.record(tx, {
          action: 'session.reused',
          targetId: session.userId,
          ip: client.ip,
          details: { sessionId: session.id },
        });
        return { reused: session.id };
      });

      if (outcome === 'unknown') throw new ProtocolError('unauthenticated');
      if (outcome === 'ended') throw new ProtocolError('session_ended');
      if ('keptOut' in outcome) return refuse(outcome.keptOut);
      if ('reused' in outcome) {
        ended({ sessionIds: [outcome.reused], reason: 'reuse' });
        throw new ProtocolError('session_ended');
      }
      // Its owner may be kept out.
      if ((await rows.liveSession(db, outcome.id, clock.now())) === undefined) return refuse(outcome.userId);
      return { userId: outcome.userId, sessionId: outcome.id, refreshToken: successor };
    },

    end,

    async endAll(tx, userId, reason, except) {
      const sessionIds = await rows.endSessionsOf(tx, userId, reason, clock.now(), except ?? null);
      return { sessionIds, reason, ...(except === undefined && { userId }) };
    },
    announce(those) {
      if (those.sessionIds.length > 0) ended(those);
    },
    async demandLive(tx, { userId, sessionId }) {
      await lockStanding(tx, userId);
      const holder = await rows.liveSession(tx, sessionId, clock.now());
      if (holder?.userId !== userId) throw new ProtocolError('session_ended');
      return holder;
    },

    async endByToken(token, except) {
      const sessionId = await rows.sessionIdOf(db, hashOf(token));
      if (sessionId !== undefined && sessionId !== except) await end(sessionId, 'signed_out');
    },

    async clean() {
      for (const table of ['refresh_tokens', 'sessions'] as const) {
        while ((await rows.deleteExpired(db, table, clock.now(), CLEANING_BATCH)) === CLEANING_BATCH);
      }
    },
  };
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
