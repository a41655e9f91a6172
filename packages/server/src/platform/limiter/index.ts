/** How often something may be done. `memory.ts` and `redis.ts` implement it. */

/** What is counted apart. How many in how many seconds is configuration. */
export type LimitName =
  /** REST calls of a person, or of an address while nobody is signed in */
  | 'api'
  /** Socket events of a person, but those with a limit of their own */
  | 'events'
  | 'heartbeat'
  /** Refreshing, signing out and what it takes, of an address: everyone behind it may do so at once. */
  | 'refresh'
  /** Messages that a person sends or edits, over REST and socket together */
  | 'messages'
  /** Strangers that a person asks for */
  | 'matches'
  /** Failed sign-ins of one account from one address; of one account from anywhere; of one address */
  | 'sign_in'
  | 'sign_in_account'
  | 'sign_in_address'
  /** One-time codes to one address or number, twice over */
  | 'codes'
  | 'codes_hourly'
  /** Letters that one address asks for, to whichever mailboxes */
  | 'codes_address'
  /** Accounts and guests made from one address */
  | 'sign_up';

export interface Limit {
  count: number;
  seconds: number;
}

/** null: no limit. */
export type Limits = Readonly<Record<LimitName, Limit | null>>;

export interface Limiter {
  /**
   * Counts one use of `name` by `key`, in a fixed window that begins with the first one. Atomic: of any number at the same
   * time, as many pass as may. Across nodes where they share a Redis, and by each node alone while that is away.
   * @throws ProtocolError too_many_requests with `retryAfter` when it is one too many
   */
  take(name: LimitName, key: string): Promise<void>;
  /** Takes one use back: it was none of those that are counted. */
  giveBack(name: LimitName, key: string): Promise<void>;
  /** Begins anew. */
  reset(name: LimitName, key: string): Promise<void>;
}
