/** When people are noted to have been there last. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { openDatabase, type OpenDatabase } from '../../platform/db/database.ts';
import { createLogger } from '../../platform/log.ts';
import { memoryBus } from '../../platform/bus/memory.ts';
import { FakeClock } from '../../platform/clock.ts';
import type { Changed } from '../../platform/presence/index.ts';
import { memoryPresence } from '../../platform/presence/memory.ts';
import { PresenceService } from './service.ts';
import { saveLastSeen, statusesOf } from './statuses.ts';

const MINUTE = 60_000;
let database: TestDatabase;
let db: OpenDatabase;
const log = createLogger({ level: 'silent', format: 'json' });
beforeAll(async () => {
  database = await createTestDatabase();
  db = await openDatabase({ url: database.url, poolSize: 4, log });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

test('who went with a node that died was last seen when that was, unless later elsewhere', async () => {
  const clock = new FakeClock();
  let gone: Changed = () => {};
  const store = { ...memoryPresence(), start: async (changed: Changed) => void (gone = changed) };
  const presence = new PresenceService({
    db,
    bus: memoryBus(),
    clock,
    log,
    store,
    blocks: {
      blockedBy: async () => new Map(),
      blockedByOne: async () => new Set(),
      blockersOf: async () => new Map(),
      between: async () => false,
    },
    silences: { among: async () => new Set(), demandVoice: async () => undefined },
    automod: { demandWording: async () => undefined },
    demandLive: async () => undefined,
  });
  await presence.start();
  const [late, early] = [randomUUID(), randomUUID()];
  await saveLastSeen(db, new Map([[late, clock.now() - MINUTE]]));
  gone(new Map([late, early].map((userId) => [userId, null])), 5 * MINUTE);
  await presence.stop();
  const statuses = await statusesOf(db, [late, early]);
  expect(statuses.get(late)?.last_seen).toBe(clock.now() - MINUTE);
  expect(statuses.get(early)?.last_seen).toBe(clock.now() - 5 * MINUTE);
});
