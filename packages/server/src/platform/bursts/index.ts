/** Whether something happens many times within a short time. `memory.ts` and `redis.ts` implement it. */

export interface Happening {
  /** What is counted together. */
  key: string;
  /** Epoch ms. */
  at: number;
  /** How many are a burst; the same for one key as a rule. */
  times: number;
  /** Within how long. */
  seconds: number;
}

export interface Bursts {
  /**
   * Counts each, in this order, and answers for each whether there were `times` of its key within the `seconds` before it,
   * itself included. Of any number at the same time each is counted once; all of them are one round trip. Across nodes where
   * they share a Redis, and by each node alone while that is away. Never rejects.
   */
  count(happenings: readonly Happening[]): Promise<boolean[]>;
}
