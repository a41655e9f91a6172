/** Whom this node knows to have been shut out since it was started: what they began before may still be waiting for its turn. */
import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/db/index.ts';
import { Lru } from './lru.ts';
import { shutOut } from './profile-rows.ts';

/** What somebody has waiting is done, or refused, long before as many others have been shut out. */
const REMEMBERED = 10_000;
const NOBODY: ReadonlySet<string> = new Set();

export interface ShutOuts {
  /** They were banned from the instance, or disabled, and that is committed. */
  note(userId: string): void;
  /**
   * Those of `userIds` who were noted and may still not use their accounts. Nothing is asked of the database where none was
   * noted.
   */
  among(db: Queryable, userIds: readonly string[]): Promise<ReadonlySet<string>>;
}

export function createShutOuts(clock: Clock): ShutOuts {
  const noted = new Lru<string, true>(REMEMBERED);
  return {
    note: (userId) => noted.set(userId, true),
    async among(db, userIds) {
      const asked = userIds.filter((id) => noted.get(id));
      return asked.length === 0 ? NOBODY : new Set((await shutOut(db, asked, clock.now())).keys());
    },
  };
}
