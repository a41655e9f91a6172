import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { databaseDirectory } from '../../../test/scratch.ts';
import { FakeClock } from '../clock.ts';
import { StartupError } from '../lifecycle.ts';
import { createLogger } from '../log.ts';
import { openDatabase } from './database.ts';
import { startEmbeddedPostgres } from './embedded.ts';
import type { EmbeddedOptions, EmbeddedPostgres } from './embedded.ts';

const isRoot = process.geteuid?.() === 0;
const NOBODY = 65534;
/** What a query says when its server goes away, depending on who notices first. */
const BROKEN = /terminat|connection|EPIPE|ECONNRESET/i;
const log = createLogger({ level: 'silent', format: 'json' });
// Creating a database takes a second, and a few where the disk is slow.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
let root: string;
let dataDir: string;
/** Another one, with a database in it that was never used. */
let created: string;

beforeAll(async () => {
  created = await mkdtemp(join(databaseDirectory(), 'confab-embedded-'));
  const postgres = await startEmbeddedPostgres({ dataDir: created, log });
  await postgres.stop();
});
afterAll(() => rm(created, { recursive: true }));

beforeEach(async () => {
  root = await mkdtemp(join(databaseDirectory(), 'confab-embedded-'));
  // The last registered runs first: the servers of the test are stopped by then.
  onTestFinished(() => rm(root, { recursive: true }));
  dataDir = join(root, 'data');
  await mkdir(dataDir, { mode: 0o700 });
});

async function start(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, log, ...options });
  onTestFinished(() => postgres.stop());
  return postgres;
}

/** For tests that are not about the first start, which takes most of a second: as after it. */
async function pastFirstStart(): Promise<void> {
  await promisify(execFile)('cp', ['-a', join(created, 'postgres'), dataDir]);
}

async function query<Row>(postgres: { url: string }, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
}

const count = async (postgres: { url: string }): Promise<number> =>
  (await query<{ count: number }>(postgres, 'SELECT count(*)::int FROM t'))[0]?.count ?? -1;

interface Writer {
  process: ChildProcess;
  /** Resolves at the next line it prints: `ready <pid of the server>`, then one for each row that is committed. */
  nextLine(): Promise<string | undefined>;
}

/** A process of its own that starts the server and inserts rows until it is killed. */
function spawnWriter(options: { uid?: number; gid?: number } = {}): Writer {
  const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const script = `
    const { startEmbeddedPostgres } = await import(${module('./embedded.ts')});
    const { openDatabase } = await import(${module('./database.ts')});
    const { createLogger } = await import(${module('../log.ts')});
    const log = createLogger({ level: 'info', format: 'json' });
    const postgres = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, log });
    const db = await openDatabase({ url: postgres.url, poolSize: 1, log });
    console.log('ready ' + postgres.pid);
    await db.query('CREATE TABLE IF NOT EXISTS t (n int)');
    for (let n = 1; ; n++) {
      await db.query('INSERT INTO t VALUES ($1)', [n]);
      console.log('row ' + n);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
    ...options,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return { process: child, nextLine: async () => (await lines.next()).value };
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function isRunning(pid: number | undefined): Promise<boolean> {
  // Who has ended and was not yet noticed by its parent is listed as Z; so is, in some containers, every orphan.
  const { stdout } = spawn('ps', ['-o', 'stat=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'inherit'] });
  return /^[^Z]/.test(await text(stdout));
}

describe('an embedded PostgreSQL', () => {
  test('keeps its data from one start to the next and leaves no process behind', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE t AS SELECT 1 AS n');
    await first.stop();
    await first.stop();
    expect(await isRunning(first.pid)).toBe(false);
    expect(await count(await start())).toBe(1);
  });

  test('acknowledges a commit when it is on disk, and understands every language', async () => {
    await pastFirstStart();
    const postgres = await start();
    const settings = await query<{ name: string; setting: string }>(
      postgres,
      "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'server_encoding', 'TimeZone') ORDER BY lower(name)",
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      listen_addresses: '',
      server_encoding: 'UTF8',
      TimeZone: 'UTC',
    });
    await query(postgres, 'CREATE EXTENSION pg_trgm');
    expect(
      await query(
        postgres,
        "SELECT lower('ÉЖ') AS lower, 'ÉCOLE' ILIKE 'école' AS alike, show_trgm('日本語') <> '{}' AS trigrams",
      ),
    ).toEqual([{ lower: 'éж', alike: true, trigrams: true }]);
  });

  test('is closed to other users of the machine', async () => {
    await start();
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'postgres', '.s.PGSQL.5432'))).mode & 0o777).toBe(0o700);
  });

  test('is found and ended when its parent was killed, and nothing committed is lost', async () => {
    await pastFirstStart();
    let acknowledged = 0;
    for (let round = 1; round <= 3; round++) {
      const writer = spawnWriter();
      const server = Number(await serverPid(writer));
      for (let n = 1; n <= 20 * round; n++) expect(await writer.nextLine()).toBe(`row ${n}`);
      acknowledged += 20 * round;
      await killed(writer.process);
      while ((await writer.nextLine()) !== undefined) acknowledged++;
      expect(await isRunning(server)).toBe(true);
      const postgres = await start();
      expect(await isRunning(server)).toBe(false);
      const rows = await count(postgres);
      // One more may have been committed than the writer lived to tell of.
      expect(rows - acknowledged).toBeOneOf([0, 1]);
      acknowledged = rows;
      await postgres.stop();
    }
  });

  test('recovers when it was killed together with its parent', async () => {
    await pastFirstStart();
    const writer = spawnWriter();
    const server = Number(await serverPid(writer));
    for (let i = 0; i < 50; i++) await writer.nextLine();
    process.kill(server, 'SIGKILL');
    await killed(writer.process);
    expect(await count(await start())).toBeGreaterThanOrEqual(50);
  });

  test('is started again when it is killed, and the pool finds it', async () => {
    await pastFirstStart();
    const postgres = await start();
    const db = await openDatabase({ url: postgres.url, poolSize: 3, log });
    onTestFinished(() => db.close());
    await db.query('CREATE TABLE t (n int)');
    for (let round = 1; round <= 2; round++) {
      await db.query('INSERT INTO t VALUES (1)');
      // A backend that is busy does not notice at once that its server is gone.
      const busy = db.query('SELECT pg_sleep(60)').catch((error: unknown) => String(error));
      const before = postgres.pid;
      expect(before).toBeDefined();
      process.kill(before ?? 0, 'SIGKILL');
      expect(await busy).toMatch(BROKEN);
      await expect
        .poll(
          () =>
            db.ping().then(
              () => postgres.pid,
              () => before,
            ),
          { timeout: 10_000 },
        )
        .not.toBe(before);
      expect((await db.query('SELECT count(*) AS n FROM t')).rows).toEqual([{ n: round }]);
    }
  });

  test('that ends again and again is given up, once', async () => {
    await pastFirstStart();
    const clock = new FakeClock();
    const failures: Error[] = [];
    const postgres = await start({ clock, onFailure: (error) => failures.push(error) });
    await rename(join(dataDir, 'postgres', 'global'), join(dataDir, 'postgres', 'elsewhere'));
    process.kill(postgres.pid ?? 0, 'SIGKILL');
    while (failures.length === 0) await clock.advance(1000);
    await clock.advance(100_000);
    expect(failures.map(String)).toEqual(['Error: PostgreSQL ended too often in a row']);
    await postgres.stop();
  });

  test('can be stopped while it is being started again', async () => {
    await pastFirstStart();
    const clock = new FakeClock();
    const postgres = await start({ clock });
    const before = postgres.pid;
    process.kill(before ?? 0, 'SIGKILL');
    await expect.poll(() => isRunning(before)).toBe(false);
    await postgres.stop();
    await clock.advance(100_000);
    expect(await isRunning(postgres.pid)).toBe(false);
  });

  test('starts when the recorded pid belongs to another process by now, which is left alone', async () => {
    await pastFirstStart();
    const first = await start();
    await query(first, 'CREATE TABLE t AS SELECT 1 AS n');
    const pidFile = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8');
    await first.stop();

    const { uid, gid } = await stat(join(dataDir, 'postgres'));
    const bystander = spawn('sleep', ['60'], { cwd: '/', ...(isRoot && { uid, gid }) });
    onTestFinished(() => void bystander.kill());
    const stale = pidFile.replace(/^\d+/, String(bystander.pid));
    for (const name of ['postmaster.pid', '.s.PGSQL.5432.lock']) {
      await writeFile(join(dataDir, 'postgres', name), stale);
      await chown(join(dataDir, 'postgres', name), uid, gid);
    }
    expect(await count(await start())).toBe(1);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  });

  test('begins anew when its first start was cut off', async () => {
    const writer = spawnWriter();
    expect(await writer.nextLine()).toContain('creating the database');
    await killed(writer.process);
    await mkdir(join(dataDir, 'postgres.new', 'base'), { recursive: true });
    await query(await start(), 'CREATE TABLE t AS SELECT 1 AS n');
    await expect(stat(join(dataDir, 'postgres.new'))).rejects.toThrow('ENOENT');
  });

  test('works in a directory with a long path', async () => {
    dataDir = join(root, ...Array.from({ length: 3 }, () => 'long'.repeat(30)));
    await mkdir(dataDir, { recursive: true });
    const first = await start();
    await query(first, 'CREATE TABLE t AS SELECT 1 AS n');
    await first.stop();
    expect(await count(await start())).toBe(1);
  });

  test('works in a directory whose name has spaces and signs', async () => {
    dataDir = join(root, "a b'c?d&e%f=é");
    await mkdir(dataDir);
    expect(await query(await start(), 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  test('refuses data of another major version in one line', async () => {
    await mkdir(join(dataDir, 'postgres'), { mode: 0o700 });
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toThrow(
      /postgres was written by PostgreSQL 17, and this Confab comes with PostgreSQL \d+/,
    );
  });

  test('refuses a directory that is not its own, and leaves it as it is', async () => {
    await mkdir(join(dataDir, 'postgres'));
    await writeFile(join(dataDir, 'postgres', 'letter.txt'), 'mine');
    await expect(start()).rejects.toThrow(new StartupError(`${dataDir}/postgres is not a PostgreSQL data directory`));
    expect(await readFile(join(dataDir, 'postgres', 'letter.txt'), 'utf8')).toBe('mine');
  });

  test('tells in one line why the server does not start', async () => {
    await pastFirstStart();
    await rm(join(dataDir, 'postgres', 'global', 'pg_control'));
    const error: unknown = await start().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(StartupError);
    expect(String(error)).toMatch(/^StartupError: PostgreSQL did not start: .*pg_control.*$/);
  });
});

describe.runIf(isRoot)('an embedded PostgreSQL of root', () => {
  test('runs as another user, also below directories that are closed to that user', async () => {
    expect((await stat(root)).mode & 0o777).toBe(0o700);
    const postgres = await start();
    await query(postgres, 'CREATE TABLE t AS SELECT 1 AS n');
    const status = await readFile(`/proc/${postgres.pid}/status`, 'utf8');
    expect(/^Uid:\t(\d+)/m.exec(status)?.[1]).not.toBe('0');
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  });

  test('runs as the owner of the data when that is not root', async () => {
    await chmod(root, 0o755);
    await chown(dataDir, NOBODY, NOBODY);
    const writer = spawnWriter({ uid: NOBODY, gid: NOBODY });
    const server = Number(await serverPid(writer));
    await writer.nextLine();
    await killed(writer.process);
    expect((await stat(`/proc/${server}`)).uid).toBe(NOBODY);

    const postgres = await start();
    expect(await isRunning(server)).toBe(false);
    expect(await count(postgres)).toBeGreaterThanOrEqual(1);
    expect((await stat(`/proc/${postgres.pid}`)).uid).toBe(NOBODY);
  });
});

async function serverPid(writer: Writer): Promise<string | undefined> {
  for (;;) {
    const line = await writer.nextLine();
    const [, found] = /^ready (\d+)$/.exec(line ?? '') ?? [];
    if (found !== undefined || line === undefined) return found;
  }
}
