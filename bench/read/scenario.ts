/**
 * Reading: chat list, history, search and sync of the real server over a made-up instance.
 *
 *     npm run bench -- read [--messages 1000000] [--rooms 2000] [--users 5000] [--requests 200] [--seed 1] [--data DIR]
 *
 * With --data the instance is kept there, and found there by the next run. Requests follow one another. A second pass lets PostgreSQL log the plan of every statement, and fails when one reads
 * messages, the search table or memberships from end to end.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { loadSigningKeys } from '../../packages/server/src/modules/accounts/keys.ts';
import { createAccessTokens } from '../../packages/server/src/modules/accounts/tokens.ts';
import { systemClock } from '../../packages/server/src/platform/clock.ts';
import { runningServer } from '../../packages/server/src/platform/datadir.ts';
import { openDatabase } from '../../packages/server/src/platform/db/database.ts';
import { startEmbeddedPostgres } from '../../packages/server/src/platform/db/embedded.ts';
import { createLogger } from '../../packages/server/src/platform/log.ts';
import { LIMITS_OFF } from '../../packages/server/test/limits.ts';
import { type Case, casesOf } from './cases.ts';
import { Client } from './client.ts';
import { fill } from './fill.ts';
import { EXPLAIN_ALL, PlanReader } from './plans.ts';
import { makeWorld, type World } from './world.ts';

const SECRET = 'a secret of measurements, 32 characters';
const CLIENTS = 100;
const WARM_UP = 20;
const EXPLAINED = 12;
/** Tables that grow with what is said and by whom: never read from end to end. */
const LARGE = new Set(['messages', 'search', 'members']);

interface Figures {
  name: string;
  p50: number;
  p99: number;
  statements: number;
  rows: number;
  mostRows: number;
  pages: number;
}

export async function read(options: ReadonlyMap<string, string>): Promise<object> {
  const number = (name: string, otherwise: number) => Number(options.get(name) ?? otherwise);
  const size = { users: number('users', 5000), rooms: number('rooms', 2000), messages: number('messages', 1_000_000) };
  const requests = number('requests', 200);
  const seed = number('seed', 1);
  const kept = options.get('data');
  const dir = kept ?? (await mkdtemp(join(tmpdir(), 'confab-bench-')));
  await mkdir(dir, { recursive: true });
  const plans = new PlanReader();
  const log = createLogger(
    { level: 'debug', format: 'json' },
    {
      write(line) {
        const { postgres } = JSON.parse(line) as { postgres?: string };
        if (postgres !== undefined) plans.line(postgres);
      },
    },
  );
  const postgres = await startEmbeddedPostgres({ dataDir: dir, log });
  const client = new pg.Client({ connectionString: postgres.url });
  try {
    await client.connect();
    await client.query('ALTER ROLE CURRENT_USER RESET ALL');
    const started = performance.now();
    const world = makeWorld(size, seed);
    await withServer(postgres.url, dir, async () => {});
    const { rows } = await client.query<{ filled: boolean }>('SELECT EXISTS (SELECT FROM chat.messages) AS filled');
    if (rows[0]?.filled !== true) {
      await fill(client, world, (text) =>
        console.log(`${((performance.now() - started) / 1000).toFixed(0)} s: ${text}`),
      );
    }
    const sizes = await sizesOf(client);
    console.log(sizes);
    const times = await withServer(postgres.url, dir, (url) =>
      withCases(postgres.url, url, world, (cases) => measure(cases, requests)),
    );
    for (const statement of EXPLAIN_ALL) await client.query(statement);
    const { figures, seqScans } = await withServer(postgres.url, dir, (url) =>
      withCases(postgres.url, url, world, (cases) => explain(postgres.url, plans, cases, times)),
    );
    print(figures);
    if (seqScans.length > 0) throw new Error(`read from end to end:\n${seqScans.join('\n')}`);
    return { size, seed, requests, sizes, figures };
  } finally {
    await client.end();
    await postgres.stop();
    if (kept === undefined) await rm(dir, { recursive: true, force: true });
  }
}

/** The real program in a process of its own. */
async function withServer<T>(databaseUrl: string, dir: string, work: (url: string) => Promise<T>): Promise<T> {
  const dataDir = join(dir, 'server');
  await mkdir(dataDir, { recursive: true });
  const main = join(import.meta.dirname, '../../packages/server/src/main.ts');
  const child = spawn(process.execPath, [main], {
    // What it complains of belongs to the people who look, not to the figures.
    stdio: ['ignore', 2, 2],
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      PORT: '0',
      DATA_DIR: dataDir,
      DATABASE_URL: databaseUrl,
      SECRET_KEY: SECRET,
      ...LIMITS_OFF,
    },
  });
  const exited = once(child, 'exit');
  try {
    for (;;) {
      const server = await runningServer(dataDir);
      if (server !== undefined) return await work(server.url);
      if (child.exitCode !== null) throw new Error('the server did not start');
      await delay(50);
    }
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

async function withCases<T>(
  databaseUrl: string,
  url: string,
  world: World,
  work: (cases: Case[]) => Promise<T>,
): Promise<T> {
  const log = createLogger({ level: 'warn', format: 'auto' });
  const db = await openDatabase({ url: databaseUrl, poolSize: 1, log });
  const keys = await loadSigningKeys(db, systemClock, Buffer.from(SECRET, 'utf8'));
  await db.close();
  const tokens = createAccessTokens(keys, systemClock);
  const byRooms = [...world.users.keys()].toSorted((a, b) => roomsOf(world, b) - roomsOf(world, a));
  // People as they come: any order but that of their rooms.
  const typical = [...world.users.keys()].filter((user) => user !== byRooms[0]).slice(0, CLIENTS);
  const clients = new Map<number, Client>();
  for (const user of [...typical, byRooms[0] ?? 0]) {
    const id = world.users[user]?.id ?? '';
    const token = await tokens.issue({ userId: id, sessionId: id, role: 'user' });
    const client = new Client(url, id, token);
    await client.connect();
    await client.held();
    clients.set(user, client);
  }
  try {
    return await work(casesOf(world, clients));
  } finally {
    for (const client of clients.values()) client.close();
  }
}

async function measure(cases: readonly Case[], requests: number): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  for (const { name, run } of cases) {
    for (let i = 0; i < WARM_UP; i += 1) await run();
    const taken: number[] = [];
    for (let i = 0; i < requests; i += 1) {
      const start = performance.now();
      await run();
      taken.push(performance.now() - start);
    }
    times.set(
      name,
      taken.toSorted((a, b) => a - b),
    );
  }
  return times;
}

async function explain(
  databaseUrl: string,
  plans: PlanReader,
  cases: readonly Case[],
  times: ReadonlyMap<string, readonly number[]>,
): Promise<{ figures: Figures[]; seqScans: string[] }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const mark = (name: string) => plans.until(`SELECT '${name}'`, () => client.query(`SELECT '${name}'`));
  const figures: Figures[] = [];
  const seqScans: string[] = [];
  await mark('before');
  for (const { name, run } of cases) {
    for (let i = 0; i < EXPLAINED; i += 1) await run();
    const seen = await mark(name);
    const taken = times.get(name) ?? [];
    const sum = (of: (plan: (typeof seen)[number]) => number) => seen.reduce((total, plan) => total + of(plan), 0);
    figures.push({
      name,
      p50: round(taken[Math.floor(taken.length * 0.5)]),
      p99: round(taken[Math.floor(taken.length * 0.99)]),
      statements: Math.round(seen.length / EXPLAINED),
      rows: Math.round(sum((plan) => plan.rows) / EXPLAINED),
      mostRows: Math.max(0, ...seen.map((plan) => plan.rows)),
      pages: Math.round(sum((plan) => plan.pages) / EXPLAINED),
    });
    for (const plan of seen) {
      const large = plan.seqScans.filter((table) => LARGE.has(table));
      if (large.length > 0) seqScans.push(`${name}: ${large.join(', ')}: ${plan.text}`);
    }
  }
  await client.end();
  return { figures, seqScans };
}

async function sizesOf(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; size: string }>(
    `SELECT relname AS name, pg_size_pretty(pg_relation_size(c.oid)) AS size FROM pg_class c
     WHERE relnamespace = 'chat'::regnamespace AND relkind IN ('r', 'i') AND pg_relation_size(c.oid) > 8000000
     ORDER BY pg_relation_size(c.oid) DESC`,
  );
  return Object.fromEntries(rows.map(({ name, size }) => [name, size]));
}

function print(figures: readonly Figures[]): void {
  const header = ['', 'p50 ms', 'p99 ms', 'statements', 'rows', 'most rows', 'pages'];
  const lines = figures.map((f) => [f.name, f.p50, f.p99, f.statements, f.rows, f.mostRows, f.pages].map(String));
  const widths = header.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]?.length ?? 0)));
  for (const line of [header, ...lines]) {
    console.log(
      line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
    );
  }
}

function roomsOf(world: World, user: number): number {
  return world.users[user]?.rooms.length ?? 0;
}

function round(ms: number | undefined): number {
  return Number((ms ?? Number.NaN).toFixed(1));
}
