import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { StartupError } from '../lifecycle.ts';
import type { Logger } from '../log.ts';

/** The migrations of one module: files `NNNN_name.sql` in `dir`, applied in order of name. */
export interface MigrationSource {
  module: string;
  dir: string;
}

interface Migration {
  /** `module/NNNN_name` */
  name: string;
  sql: string;
  checksum: string;
}

/** Any number no other program uses with the same database. */
const LOCK = 0x636f6e66;

/**
 * Brings the database up to date: applies, source after source, every migration not applied yet, each in a
 * transaction of its own together with its record. Processes that do so at the same time wait for each other.
 * Migrations only go forward, and the records of a later version are left alone. Returns the names applied.
 *
 * @throws {StartupError} when a file was changed after it was applied, has a name out of order, or fails.
 */
export async function migrate(pool: pg.Pool, sources: readonly MigrationSource[], log: Logger): Promise<string[]> {
  const migrations = (await Promise.all(sources.map(readSource))).flat();
  const client = await pool.connect();
  try {
    await client.query('SET statement_timeout = 0');
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await client.query(`CREATE TABLE IF NOT EXISTS confab_migrations (
      name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
    const pending = pendingOf(migrations, await appliedChecksums(client));
    for (const migration of pending) {
      await apply(client, migration);
      log.info({ migration: migration.name }, 'database migrated');
    }
    return pending.map(({ name }) => name);
  } finally {
    // Closing the connection gives back the lock and the changed setting, whatever happened.
    client.release(true);
  }
}

/**
 * The names of migrations that `migrate` would apply. Changes nothing.
 * @throws {StartupError} as `migrate`
 */
export async function pendingMigrations(pool: pg.Pool, sources: readonly MigrationSource[]): Promise<string[]> {
  const migrations = (await Promise.all(sources.map(readSource))).flat();
  const client = await pool.connect();
  try {
    const { rows } = await client.query(`SELECT 1 WHERE to_regclass('confab_migrations') IS NOT NULL`);
    const applied = rows.length === 0 ? new Map<string, string>() : await appliedChecksums(client);
    return pendingOf(migrations, applied).map(({ name }) => name);
  } finally {
    client.release();
  }
}

async function readSource({ module, dir }: MigrationSource): Promise<Migration[]> {
  const files = (await readdir(dir)).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const name = `${module}/${file.replace(/\.sql$/, '')}`;
      if (!/^\d{4}_\w+\.sql$/.test(file))
        throw new StartupError(`The migration ${join(dir, file)} is not named NNNN_name.sql`);
      const sql = (await readFile(join(dir, file), 'utf8')).replaceAll('\r\n', '\n');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function appliedChecksums(client: pg.PoolClient): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'SELECT name, checksum FROM confab_migrations',
  );
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

function pendingOf(migrations: Migration[], applied: Map<string, string>): Migration[] {
  const pending: Migration[] = [];
  for (const migration of migrations) {
    const checksum = applied.get(migration.name);
    if (checksum === undefined) {
      pending.push(migration);
      continue;
    }
    if (checksum !== migration.checksum) {
      throw new StartupError(`The migration ${migration.name} was changed after it was applied; add a new one instead`);
    }
    const skipped = pending.find(({ name }) => moduleOf(name) === moduleOf(migration.name));
    if (skipped !== undefined) {
      throw new StartupError(
        `The migration ${skipped.name} comes before ${migration.name}, which is applied; renumber it`,
      );
    }
  }
  return pending;
}

function moduleOf(name: string): string {
  return name.slice(0, name.indexOf('/'));
}

async function apply(client: pg.PoolClient, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query('INSERT INTO confab_migrations (name, checksum) VALUES ($1, $2)', [name, checksum]);
    await client.query('COMMIT');
  } catch (error) {
    throw new StartupError(`The migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
