/** Who waits to meet a stranger, over all nodes. `memory.ts` and `redis.ts` implement it. */

/** Someone who waits, and what they wish for. */
export interface Waiting {
  userId: string;
  /** Of this one time they wait: another one after they left and came back. A UUID. */
  ticket: string;
  /** Epoch ms: since when. */
  since: number;
  guest: boolean;
  /** Of a member: whether they meet guests. */
  meetGuests: boolean;
  languages: readonly string[];
  interests: readonly string[];
}

/** What became of the queue, for whoever matches. */
export interface QueueChanges {
  /** This node did not lead before: what it knew counts no more, and `put` is everyone. */
  anew: boolean;
  put: readonly Waiting[];
  /** People who left. */
  gone: readonly string[];
}

/**
 * The queue. Who waits, by which ticket, is decided by the database (`chat.seekers`), which gives a person away in one
 * transaction with the match; this brings them to the one node that matches, soon and without asking the database about
 * everyone. What it lost is put in again by that node.
 */
export interface MatchQueue {
  /** Puts somebody in, in place of what they wished for before. Idempotent. */
  put(waiting: Waiting): Promise<void>;
  /** Takes somebody out, unless they wait by another ticket by now. Idempotent. */
  remove(userId: string, ticket: string): Promise<void>;
  /**
   * What changed since the last call; null while another node leads. The first to ask leads, for as long as it asks again
   * within a few seconds, so that at most one does at a time.
   */
  poll(): Promise<QueueChanges | null>;
  /** Lets another node lead at once. */
  close(): Promise<void>;
}
