/** Whether something happens many times within a short time. `memory.ts` and `redis.ts` implement it. */

export interface Happening {
  /** What is counted together. */
  key: string;
  /** Which one it is: told of again, it is the same one, at the later time. */
  id: string;
  /** Epoch ms. */
  at: number;
  /** How many are a burst; the same for one key as a rule. */
  times: number;
  /** Within how long. */
  seconds: number;
}

export interface Counted {
  /** There were `times` of its key within the `seconds` before it, itself included. */
  isBurst: boolean;
  /** It was not among the newest `times` of its key before. */
  isNew: boolean;
}

export interface Bursts {
  /**
   * Counts each, in this order. Of any number at the same time each is counted once; all of them are one round trip. Across
   * nodes where they share a Redis, and by each node alone while that is away. Never rejects.
   */
  count(happenings: readonly Happening[]): Promise<Counted[]>;
  /** As if these had not been counted, where they are still known; for whatever is counted after the call. Never rejects. */
  takeBack(happenings: readonly Pick<Happening, 'key' | 'id'>[]): Promise<void>;
}
