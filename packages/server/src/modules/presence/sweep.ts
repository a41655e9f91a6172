/** Notes who is there, so that a node which dies before it could tell of anybody's going leaves no gap. */
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { PresenceStore } from '../../platform/presence/index.ts';
import type { Task } from '../../platform/upkeep/index.ts';
import { saveLastSeen } from './statuses.ts';

/** People in one statement. */
const PAGE = 1000;

/**
 * Everybody who is there was seen now. Who goes in order, or whose node dies while another lives, is noted when that
 * happens; of the others (all nodes died, or the one there is; Redis came back empty) this is what is known.
 */
export function sweepTask({ db, clock, store }: { db: Database; clock: Clock; store: PresenceStore }): Task {
  return {
    name: 'presence.sweep',
    everyMs: 5 * 60_000,
    async run() {
      const now = clock.now();
      const there = await store.everyone();
      for (let i = 0; i < there.length; i += PAGE) {
        await saveLastSeen(db, new Map(there.slice(i, i + PAGE).map((userId) => [userId, now])));
      }
    },
  };
}
