/**
 * How long strangers wait for each other, when very many look at once.
 *
 *     npm run bench -- match [--people 10000] [--seed 1]
 *
 * All have asked before the first two are brought together. Asking and matching run in this process, on PostgreSQL; there
 * are no connections to tell, and everyone counts as connected. A third are guests, a third members who meet guests.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MatchWishes, PublicUser } from '@confab/protocol';
import pg from 'pg';
import type { Profiles } from '../packages/server/src/modules/accounts/index.ts';
import { MatchService } from '../packages/server/src/modules/matching/index.ts';
import { countUnread } from '../packages/server/src/modules/messages/index.ts';
import { Committer } from '../packages/server/src/modules/rooms/index.ts';
import { AgeService, BlockService, SilenceService } from '../packages/server/src/modules/safety/index.ts';
import { memoryBus } from '../packages/server/src/platform/bus/memory.ts';
import { type Clock, systemClock } from '../packages/server/src/platform/clock.ts';
import { openDatabase } from '../packages/server/src/platform/db/database.ts';
import { createIds } from '../packages/server/src/platform/ids.ts';
import { createLogger } from '../packages/server/src/platform/log.ts';
import { memoryMatchQueue } from '../packages/server/src/platform/matching/memory.ts';
import { createMetrics } from '../packages/server/src/platform/metrics.ts';
import { memoryPresence } from '../packages/server/src/platform/presence/memory.ts';
import { makeInstance } from './live/instance.ts';
import { printTable, round } from './live/stats.ts';

const LANGUAGES = ['en', 'es', 'de', 'fr', 'pt-BR', 'ru', 'tr', 'ja', 'pl', 'uk', 'it', 'nl', 'sv', 'fi', 'el', 'hu'];
const INTERESTS = Array.from({ length: 40 }, (_, i) => `interest ${i}`);
/** After that it is given up. */
const PATIENCE_MS = 120_000;
const AT_ONCE = 64;

export async function match(options: ReadonlyMap<string, string>): Promise<object> {
  const count = Number(options.get('people') ?? 10_000);
  const seed = Number(options.get('seed') ?? 1);
  const instance = await makeInstance(count);
  const db = await openDatabase({
    url: instance.databaseUrl,
    poolSize: 10,
    log: createLogger({ level: 'warn', format: 'auto' }),
  });
  const watcher = new pg.Pool({ connectionString: instance.databaseUrl, max: 1 });
  try {
    const { rows } = await watcher.query<PublicUser>(
      `UPDATE accounts.users SET role = CASE WHEN i % 3 = 0 THEN 'guest' ELSE role END
       FROM (SELECT id AS user_id, row_number() OVER () AS i FROM accounts.users) n WHERE id = user_id
       RETURNING id, username, name, role`,
    );
    await watcher.query('INSERT INTO safety.age_confirmations SELECT id, now() FROM accounts.users');
    return await measure(rows, seed, db, watcher);
  } finally {
    await Promise.all([db.close(), watcher.end()]);
    await instance.stop();
  }
}

type Db = Awaited<ReturnType<typeof openDatabase>>;

async function measure(users: readonly PublicUser[], seed: number, db: Db, watcher: pg.Pool): Promise<object> {
  const clock = stoppedClock();
  const { matches, close } = await build(users, db, clock);
  const draw = generator(seed);
  const wishes = new Map(users.map((user) => [user.id, wishesOf(draw)]));
  const heapBefore = heap();
  const asked = systemClock.now();
  await eachOf(users, async ({ id, role }) => {
    await matches.find({ userId: id, sessionId: id, role, scopes: null }, wishes.get(id) ?? wishesOf(draw));
  });
  const asking = systemClock.now() - asked;

  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const began = systemClock.now();
  clock.go();
  await matches.start();
  let waiting = users.length;
  let peak = 0;
  while (waiting > 1 && systemClock.now() - began < PATIENCE_MS) {
    await delay(50);
    peak = Math.max(peak, heap());
    const { rows } = await watcher.query<Record<'guest' | 'open' | 'members', number>>(
      `SELECT count(*) FILTER (WHERE guest)::int AS guest, count(*) FILTER (WHERE NOT guest AND meet_guests)::int AS open,
         count(*) FILTER (WHERE NOT guest AND NOT meet_guests)::int AS members
       FROM chat.seekers WHERE ticket IS NOT NULL`,
    );
    const { guest = 0, open = 0, members = 0 } = rows[0] ?? {};
    waiting = guest + open + members;
    // A guest and a member who meets no guests stay alone.
    if (open === 0 && guest < 2 && members < 2) break;
  }
  const seconds = (systemClock.now() - began) / 1000;
  delays.disable();
  await close();

  const { rows: pairs } = await watcher.query<{ a: string; b: string; wait: number }>(
    `SELECT s.user_id AS a, s.peer_id AS b, extract(epoch FROM r.created_at - s.since)::float AS wait
     FROM chat.seekers s JOIN chat.rooms r USING (room_id) ORDER BY wait`,
  );
  const share = (key: 'languages' | 'interests') => {
    const common = pairs.filter(({ a, b }) => {
      const theirs = wishes.get(b)?.[key].map(plain) ?? [];
      return wishes.get(a)?.[key].some((one) => theirs.includes(plain(one)));
    });
    return Math.round((common.length / pairs.length) * 100);
  };
  const figures = {
    people: users.length,
    'asked in s': round(asking / 1000, 1),
    'all matched in s': round(seconds, 1),
    'still waiting': waiting,
    'half within s': round(pairs[Math.floor(pairs.length / 2)]?.wait ?? Number.NaN, 1),
    'longest block ms': round(delays.max / 1e6, 1),
    'common language %': share('languages'),
    'common interest %': share('interests'),
    'heap MB more': round((peak - heapBefore) / 2 ** 20, 1),
  };
  printTable([figures]);
  return { seed, ...figures };
}

/** Matching as the server composes it, for people who are all there. */
async function build(users: readonly PublicUser[], db: Db, clock: Clock) {
  const log = createLogger({ level: 'warn', format: 'auto' });
  const [bus, metrics, ids] = [memoryBus(), createMetrics(clock), createIds(clock)];
  const known = new Map(users.map((user) => [user.id, user]));
  const profiles: Profiles = {
    publicUsers: async (userIds) => userIds.map((id) => known.get(id)).filter((user) => user !== undefined),
    usersByName: async () => [],
    reachable: async (userIds) => new Map(userIds.map((id) => [id, 'everyone'])),
    able: async (userIds) => new Set(userIds),
    shutOut: async () => new Map(),
    officers: async () => [],
    signedUp: async () => new Map(),
  };
  const blocks = new BlockService({ db, bus, clock, profiles, changed: async () => undefined });
  const silences = new SilenceService({ db, bus, clock });
  const presence = memoryPresence();
  await Promise.all(users.map(({ id }) => presence.put({ connectionId: id, userId: id, idle: false })));
  const lanes = { lanes: 4, batch: 128, queue: 10_000 };
  const elsewhere = { countUnread: countUnread(blocks), silences, shutOutSince: async () => new Set<string>() };
  const committer = new Committer({ db, bus, clock, metrics, ...elsewhere, ...lanes });
  const ages = new AgeService({ db, clock });
  const queue = memoryMatchQueue();
  const deps = { db, bus, clock, ids, log, metrics, committer, profiles, blocks, silences, ages, presence, queue };
  const matches = new MatchService({
    ...deps,
    async mayMeet(pairs) {
      const blocked = await blocks.blockedBy(pairs.flat());
      return pairs.map(([a, b]) => blocked.get(a)?.has(b) !== true && blocked.get(b)?.has(a) !== true);
    },
  });
  const close = async () => {
    await matches.stop();
    await committer.close();
  };
  return { matches, close };
}

/** Stands still until `go`, so that nobody has waited yet. */
function stoppedClock(): Clock & { go(): void } {
  const at = systemClock.now();
  let behind: number | undefined;
  return {
    ...systemClock,
    now: () => (behind === undefined ? at : systemClock.now() - behind),
    go() {
      behind = systemClock.now() - at;
    },
  };
}

/** One to three languages, the first ones far more often, and up to four interests. */
function wishesOf(draw: () => number): MatchWishes {
  const some = (names: readonly string[], most: number, least: number) => {
    const count = least + Math.floor(draw() * (most - least + 1));
    return [...new Set(Array.from({ length: count }, () => names[Math.floor(draw() ** 2 * names.length)] ?? ''))];
  };
  return { languages: some(LANGUAGES, 3, 1), interests: some(INTERESTS, 4, 0), meetGuests: draw() < 0.5 };
}

async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = all.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const one of left) await work(one);
    }),
  );
}

// Mulberry32: the same numbers for the same seed.
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function plain(name: string): string {
  return name.split('-')[0]?.toLowerCase() ?? name;
}

function heap(): number {
  return process.memoryUsage().heapUsed;
}
