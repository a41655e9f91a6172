import type { DirectFrom, ModerationAction, PublicUser, Role } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Queryable } from '../../platform/db/index.ts';

/** Public profiles for other modules. May be another process's: ask for many at once. */
export interface Profiles {
  /** Profiles of those of `userIds` that exist, in no order. */
  publicUsers(userIds: readonly string[]): Promise<PublicUser[]>;
  /** Profiles of those of `usernames` that exist, in no order. */
  usersByName(usernames: readonly string[]): Promise<PublicUser[]>;
  /** Those of `userIds` who have not gone for good, with who may begin a direct conversation with them. */
  reachable(userIds: readonly string[]): Promise<ReadonlyMap<string, DirectFrom>>;
  /**
   * Those of `userIds` who can do something now: not those who left, whose account is disabled, or whom the instance banned.
   * Straight from the database.
   */
  able(userIds: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Those of `userIds` who may not use their accounts now, and why: whom the instance banned, and whose account is disabled.
   * Straight from the database. @param from the caller's transaction, if it is to be as of now in that
   */
  shutOut(
    userIds: readonly string[],
    from?: Queryable,
  ): Promise<ReadonlyMap<string, 'account_banned' | 'account_disabled'>>;
  /** Ids of those who have an office on the whole instance: moderators, admins and owners. Straight from the database. */
  officers(): Promise<string[]>;
  /** When those of `userIds` who exist came, epoch ms. Straight from the database. */
  signedUp(userIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

/** Turns an access token into an actor. */
export interface Authenticator {
  /**
   * Verifies signature, algorithm, expiry and that the session lives (looked up at most every 5 s, at once after a hint).
   * @throws ProtocolError unauthenticated, token_expired, session_ended
   */
  authenticate(token: string): Promise<{ actor: Actor; expiresAt: number }>;
  /**
   * The same person on the same session, as things stand: another role, perhaps. Looked up as seldom as by `authenticate`.
   * @throws ProtocolError session_ended
   */
  current(actor: Actor): Promise<Actor>;
  /** Those of `sessionIds` that have ended, straight from the database. */
  endedSessions(sessionIds: readonly string[]): Promise<string[]>;
}

/**
 * In the caller's transaction, and before it locks anything else: makes sure that the session the actor calls from lives, and
 * that nobody ends it or shuts them out before the transaction is over. What did so may have been committed, by any node,
 * after the call was let in.
 * @throws ProtocolError session_ended
 */
export type DemandLive = (tx: Queryable, actor: Pick<Actor, 'userId' | 'sessionId'>) => Promise<unknown>;

/** The audit trail of moderation, which lies above: of offices that are given, and accounts that are closed. */
export interface Trail {
  /** In the caller's transaction. @param entry `actorId` null: the command line */
  record(
    db: Queryable,
    entry: {
      action: ModerationAction;
      actorId: string | null;
      targetId?: string;
      reason?: string | null;
      details?: Record<string, unknown>;
    },
  ): Promise<void>;
}

/**
 * What is recorded beside a ban, in its transaction; answers what is to be done once that is committed.
 * @param own what the actor is, as it holds in that transaction
 * @throws ProtocolError forbidden where one from higher up is in force
 */
export type BesideBan = (tx: Queryable, own: Role) => Promise<() => void>;
/** The same of its end; with `ends` false the ban stays. Asked with the account locked: no other ban comes meanwhile. */
export type BesideUnban = (tx: Queryable, own: Role) => Promise<{ ends: boolean; after: () => void }>;

/** What moderation keeps about bans, however they come about. Asked before the transaction. */
export interface BanRecords {
  banned(by: { userId: string; actorId: string }, ban: { reason: string; until: number | null }): Promise<BesideBan>;
  lifted(by: { userId: string; actorId: string }): Promise<BesideUnban>;
}

/**
 * Refuses what rules of the place do not allow anybody to be called or to write about themselves. `db`: the transaction the
 * caller is in, if any; `texts` by the field they are in.
 * @throws ProtocolError text_rejected
 */
export type DemandWording = (
  db: Queryable,
  texts: Readonly<Record<string, string | null | undefined>>,
) => Promise<void>;

/** Refuses those whom moderators do not let write anywhere. Not within a transaction. @throws ProtocolError silenced */
export type DemandVoice = (userId: string) => Promise<void>;
