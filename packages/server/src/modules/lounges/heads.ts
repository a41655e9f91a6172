import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Logger } from '../../platform/log.ts';
import type { PresenceStore } from '../../platform/presence/index.ts';
import { Kept } from './kept.ts';
import { headsAmong } from './store.ts';

/** A few seconds: then many who look cost one count. */
const KEPT_MS = 5000;

/**
 * How many members of each language room are connected, over all nodes, as of a few seconds ago; who is invisible counts as
 * not there. A count is two steps, whoever asks: everybody who is connected, and one query of their memberships.
 */
export class HeadCounts {
  readonly #counts: Kept<ReadonlyMap<string, number>>;
  #last: ReadonlyMap<string, number> = new Map();

  constructor({ db, store, clock, log }: { db: Database; store: PresenceStore; clock: Clock; log: Logger }) {
    this.#counts = new Kept(clock, KEPT_MS, async () => {
      try {
        this.#last = await headsAmong(db, await store.everyone());
      } catch (error) {
        // Presence is away: the places are there all the same, with the figures of before.
        log.warn({ err: error }, 'who is in the lounges could not be counted');
      }
      return this.#last;
    });
  }

  /** By room; those where nobody is are absent. */
  counts(): Promise<ReadonlyMap<string, number>> {
    return this.#counts.get();
  }
}
