import type { DirectFrom, PublicUser } from '@confab/protocol';
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

/** What is recorded beside a ban, in its transaction; answers what is to be done once that is committed. */
export type BesideBan = (tx: Queryable) => Promise<() => void>;
/** The same of its end; with `ends` false the ban stays. Asked with the account locked: no other ban comes meanwhile. */
export type BesideUnban = (tx: Queryable) => Promise<{ ends: boolean; after: () => void }>;

/** What moderation keeps about bans, however they come about. */
export interface BanRecords {
  banned(by: { userId: string; actorId: string }, ban: { reason: string; until: number | null }): BesideBan;
  lifted(by: { userId: string; actorId: string }): BesideUnban;
}
