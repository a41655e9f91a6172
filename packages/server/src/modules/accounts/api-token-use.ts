import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Logger } from '../../platform/log.ts';
import { setLastUsed } from './api-token-rows.ts';
import { Lru } from './lru.ts';

const WRITE_EVERY_MS = 60_000;
const MAX_REMEMBERED = 10_000;

/** Writes down when API tokens were last used: at most once a minute each, and nobody waits for it. */
export interface ApiTokenUse {
  used(sessionId: string): void;
  /** Resolves once everything is written. */
  settled(): Promise<void>;
}

export function createApiTokenUse(db: Database, clock: Clock, log: Logger): ApiTokenUse {
  const written = new Lru<string, number>(MAX_REMEMBERED);
  const writing = new Set<Promise<void>>();
  return {
    used(sessionId) {
      const now = clock.now();
      const last = written.get(sessionId);
      if (last !== undefined && now - last < WRITE_EVERY_MS) return;
      written.set(sessionId, now);
      const write = setLastUsed(db, sessionId, now)
        .catch((error: unknown) => {
          log.warn({ err: error }, 'the use of an API token could not be written down');
        })
        .finally(() => writing.delete(write));
      writing.add(write);
    },
    async settled() {
      await Promise.all(writing);
    },
  };
}
