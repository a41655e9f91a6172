import { randomUUID } from 'node:crypto';
import type { Presence } from '@confab/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import type { Bus, EventFrame } from '../../platform/bus/index.ts';
import { memoryBus } from '../../platform/bus/memory.ts';
import { FakeClock } from '../../platform/clock.ts';
import { openDatabase } from '../../platform/db/database.ts';
import type { Database } from '../../platform/db/index.ts';
import { createLogger } from '../../platform/log.ts';
import { memoryPresence } from '../../platform/presence/memory.ts';
import type { Connection } from '../../platform/realtime/index.ts';
import type { Blocks, Silences } from '../safety/index.ts';
import { PresenceService } from './service.ts';

const log = createLogger({ level: 'silent', format: 'json' });
const silences: Silences = { among: async () => new Set(), demandVoice: async () => undefined };
const automod = { demandWording: async () => undefined };
const demandLive = async () => undefined;
const nobody: Blocks = {
  blockedBy: async () => new Map(),
  blockedByOne: async () => new Set(),
  blockersOf: async () => new Map(),
  between: async () => false,
};
let database: TestDatabase;
let db: Awaited<ReturnType<typeof openDatabase>>;
beforeAll(async () => {
  database = await createTestDatabase();
  db = await openDatabase({ url: database.url, poolSize: 4, log });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

/** A connection that notes what it is told. */
function connection(told: Presence[][]): Connection {
  return {
    id: randomUUID(),
    actor: { userId: randomUUID(), sessionId: randomUUID(), role: 'user', scopes: null },
    follow: async () => {},
    unfollow: () => {},
    leave: () => {},
    tell: (_event, payload) => void told.push((payload as { users: Presence[] }).users),
    expiresAt: Number.MAX_SAFE_INTEGER,
    extend: () => {},
  };
}

/** A room that all of them are in. */
async function together(people: readonly Connection[]): Promise<void> {
  await db.query(
    `WITH r AS (INSERT INTO chat.rooms (room_id, kind, created_at, active_at) VALUES ($1, 'group', now(), now()))
     INSERT INTO chat.members (room_id, user_id, role, joined_at, rev)
     SELECT $1, id, 'member', now(), 1 FROM unnest($2::uuid[]) AS p (id)`,
    [randomUUID(), people.map(({ actor }) => actor.userId)],
  );
}

async function serving(on: { db: Database; bus: Bus; clock: FakeClock }): Promise<PresenceService> {
  const presence = new PresenceService({
    ...on,
    log,
    store: memoryPresence(),
    blocks: nobody,
    silences,
    automod,
    demandLive,
  });
  await presence.start();
  return presence;
}

/** What one change costs with that many people connected, of whom `watching` look at whoever changes. */
async function costOfChange({ people, watching }: { people: number; watching: number }) {
  const counts = { published: 0, heard: 0, queries: 0 };
  const carrier = memoryBus();
  const bus: Bus = {
    ...carrier,
    publish(channel, frame) {
      counts.published += 1;
      carrier.publish(channel, frame);
    },
    subscribe: (channel, listener) =>
      carrier.subscribe(channel, (frame, on) => {
        counts.heard += 1;
        listener(frame, on);
      }),
  };
  const counted: Database = {
    ...db,
    query: (...args: Parameters<Database['query']>) => {
      counts.queries += 1;
      return db.query(...args);
    },
  } as Database;
  const clock = new FakeClock();
  const presence = await serving({ db: counted, bus, clock });
  const told: Presence[][] = [];
  const connections = Array.from({ length: people }, () => connection(told));
  await together(connections);
  for (const one of connections) presence.opened(one);
  const [changing, ...others] = connections;
  if (changing === undefined) throw new Error('nobody');
  for (const one of others.slice(0, watching)) await presence.watch(one, [changing.actor.userId]);
  await clock.advance(2000);
  Object.assign(counts, { published: 0, heard: 0, queries: 0 });
  told.length = 0;
  await presence.set(changing, { idle: true });
  await expect
    .poll(async () => {
      await clock.advance(1000);
      return told.length;
    })
    .toBe(watching);
  expect(told.flat().every(({ status }) => status === 'away')).toBe(true);
  await presence.stop();
  return counts;
}

test('what a change costs does not depend on how many people do not look', async () => {
  const few = await costOfChange({ people: 2, watching: 1 });
  const many = await costOfChange({ people: 501, watching: 1 });
  expect(many).toEqual(few);
  expect(many).toMatchObject({ published: 1, heard: 1 });
});

test('of those who look each is told, by one frame on the bus and one look-up', async () => {
  const one = await costOfChange({ people: 40, watching: 1 });
  expect(await costOfChange({ people: 40, watching: 30 })).toEqual(one);
});

test('what rooms people are in is asked once for all who begin to look, and later for those who come and go', async () => {
  const asked: unknown[] = [];
  const counted: Database = {
    ...db,
    query: (...args: Parameters<Database['query']>) => {
      const [statement, values] = args;
      if (typeof statement === 'object' && statement.name === 'rooms.rooms_of') asked.push(values?.[0]);
      return db.query(...args);
    },
  } as Database;
  const clock = new FakeClock();
  const presence = await serving({ db: counted, bus: memoryBus(), clock });
  const crowd = Array.from({ length: 90 }, () => connection([]));
  const people = Array.from({ length: 10 }, () => randomUUID());
  for (const one of crowd) presence.opened(one);
  await Promise.all(crowd.map((one) => presence.watch(one, people)));
  expect(asked).toMatchObject([{ length: 100 }]);
  const moved = [crowd[1]?.actor.userId ?? '', randomUUID()];
  for (const userId of moved) {
    const payload = { member: { userId } } as Extract<EventFrame, { event: 'member' }>['payload'];
    presence.told('room:any', { event: 'member', payload });
  }
  await expect
    .poll(async () => {
      await clock.advance(1000);
      return asked.length;
    })
    .toBe(2);
  expect(new Set(asked[1] as string[])).toEqual(new Set([moved[0], ...people]));
  await presence.stop();
});

test('a connection that is gone begins to watch nobody', async () => {
  const subscribed = new Set<string>();
  const carrier = memoryBus();
  const bus: Bus = {
    ...carrier,
    subscribe(channel, listener) {
      subscribed.add(channel);
      return carrier.subscribe(channel, listener);
    },
  };
  const presence = await serving({ db, bus, clock: new FakeClock() });
  const late = connection([]);
  presence.opened(late);
  presence.closed(late);
  const someone = randomUUID();
  await expect(presence.watch(late, [someone])).rejects.toMatchObject({ code: 'unavailable' });
  expect(subscribed).not.toContain(`presence:${someone}`);
  await presence.stop();
});

test('who looks is told within a minute also when the node that should have said so died before it did', async () => {
  const carrier = memoryBus();
  const bus: Bus = { ...carrier, publish: () => {} };
  const clock = new FakeClock();
  const presence = await serving({ db, bus, clock });
  const told: Presence[][] = [];
  const [looking, leaving] = [connection(told), connection([])];
  await together([looking, leaving]);
  for (const one of [looking, leaving]) presence.opened(one);
  const [before] = await presence.watch(looking, [leaving.actor.userId]);
  expect(before?.status).toBe('online');
  presence.closed(leaving);
  await clock.advance(59_000);
  expect(told).toEqual([]);
  await clock.advance(1000);
  await expect
    .poll(async () => {
      await clock.advance(1000);
      return told.flat().map(({ status }) => status);
    })
    .toEqual(['offline']);
  await presence.stop();
});
