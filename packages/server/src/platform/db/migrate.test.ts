import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEmptyDatabase, createTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { createLogger } from '../log.ts';
import { openDatabase } from './database.ts';
import type { OpenDatabase } from './database.ts';
import { migrate } from './migrate.ts';

const log = createLogger({ level: 'silent', format: 'json' });
let dir: string;
let database: TestDatabase;
let db: OpenDatabase;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'confab-migrate-'));
  database = await createEmptyDatabase();
  db = await openDatabase({ url: database.url, poolSize: 4, log });
  await write({
    'a/0001_first.sql': 'CREATE SCHEMA a; CREATE TABLE a.t (id int);',
    'a/0002_second.sql': 'INSERT INTO a.t VALUES (2);',
    'b/0001_first.sql': 'INSERT INTO a.t VALUES (3);',
  });
});

afterEach(async () => {
  await db.close();
  await database.drop();
  await rm(dir, { recursive: true });
});

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, sql] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), sql);
  }
}

const migrateAll = () =>
  migrate(
    db.pool,
    ['a', 'b'].map((module) => ({ module, dir: join(dir, module) })),
    log,
  );
const rows = async () => (await db.query<{ id: number }>('SELECT id FROM a.t ORDER BY id')).rows.map(({ id }) => id);

test('migrations are applied once, source after source, in order of their numbers', async () => {
  expect(await migrateAll()).toEqual(['a/0001_first', 'a/0002_second', 'b/0001_first']);
  expect(await migrateAll()).toEqual([]);
  await write({ 'a/0003_third.sql': 'INSERT INTO a.t VALUES (4);' });
  expect(await migrateAll()).toEqual(['a/0003_third']);
  expect(await rows()).toEqual([2, 3, 4]);
});

test('of processes that migrate at the same time, one applies and the others wait for it', async () => {
  await write({ 'a/0002_second.sql': 'SELECT pg_sleep(0.1); INSERT INTO a.t VALUES (2);' });
  const applied = await Promise.all([migrateAll(), migrateAll(), migrateAll()]);
  expect(applied.flat()).toHaveLength(3);
  expect(await rows()).toEqual([2, 3]);
});

test('a failed migration leaves nothing of itself, and those before it stay', async () => {
  await write({ 'a/0002_second.sql': 'INSERT INTO a.t VALUES (2); SELECT 1 / 0;' });
  await expect(migrateAll()).rejects.toThrow('The migration a/0002_second failed: division by zero');
  expect(await rows()).toEqual([]);
  await write({ 'a/0002_second.sql': 'INSERT INTO a.t VALUES (2);' });
  expect(await migrateAll()).toEqual(['a/0002_second', 'b/0001_first']);
});

test('a migration changed after it was applied is refused; line ends do not count', async () => {
  await migrateAll();
  await write({ 'a/0002_second.sql': 'INSERT INTO a.t VALUES (5);' });
  await expect(migrateAll()).rejects.toThrow('a/0002_second was changed after it was applied');
  await write({ 'a/0002_second.sql': 'INSERT INTO a.t VALUES (2);' });
  await write({ 'b/0002_lines.sql': 'SELECT 1;\r\nSELECT 2;' });
  await migrateAll();
  await write({ 'b/0002_lines.sql': 'SELECT 1;\nSELECT 2;' });
  expect(await migrateAll()).toEqual([]);
});

test('a migration numbered before an applied one of its module is refused', async () => {
  await write({ 'a/0004_fourth.sql': 'SELECT 1' });
  await migrateAll();
  await write({ 'a/0003_third.sql': 'SELECT 1' });
  await expect(migrateAll()).rejects.toThrow('a/0003_third comes before a/0004_fourth, which is applied');
});

test('records of a later version are left alone', async () => {
  await migrateAll();
  await db.query("INSERT INTO confab_migrations (name, checksum) VALUES ('a/0009_later', 'x')");
  expect(await migrateAll()).toEqual([]);
});

test('a file that is no migration is refused', async () => {
  await write({ 'a/notes.txt': '' });
  await expect(migrateAll()).rejects.toThrow(/notes\.txt is not named NNNN_name\.sql$/);
});

test('the migrations of the modules fit together', async () => {
  const migrated = await createTestDatabase();
  const full = await openDatabase({ url: migrated.url, poolSize: 1, log });
  const { rows: schemas } = await full.query("SELECT 1 FROM pg_namespace WHERE nspname IN ('accounts', 'chat')");
  expect(schemas).toHaveLength(2);
  await full.close();
  await migrated.drop();
});
