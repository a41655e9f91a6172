/** Part of the composition root: what an installation keeps things in, opened. For the server and the command line alike. */
import type { Config } from './config.ts';
import { migrations } from './modules/migrations.ts';
import { type DataDir, keptSecret, openDataDir, type RunningServer } from './platform/datadir.ts';
import { type OpenDatabase, openDatabase } from './platform/db/database.ts';
import { startEmbeddedPostgres } from './platform/db/embedded.ts';
import { migrate } from './platform/db/migrate.ts';
import { migrateJobs } from './platform/jobs/postgres.ts';
import { type Lifecycle, StartupError } from './platform/lifecycle.ts';
import type { Logger } from './platform/log.ts';

export interface Storage {
  /** What keys are derived from. */
  secret: Buffer;
  db: OpenDatabase;
  /** Of the database. May hold its password. */
  url: string;
}

export interface Using {
  log: Logger;
  lifecycle: Lifecycle;
  /** How long to wait for a database that cannot be reached yet; as `openDatabase` does unless told. */
  connectBoundMs?: number;
}

/**
 * Takes hold of the data directory, starts PostgreSQL in it where there is no other database, and connects. What was
 * opened is registered with `lifecycle`, also when a later part fails.
 * @throws StartupError
 */
export async function openStorage(config: Config, using: Using): Promise<Storage & { dataDir: DataDir }> {
  const { lifecycle, ...connecting } = using;
  const { log } = connecting;
  const dataDir = await openDataDir(config.dataDir);
  lifecycle.onStop('data directory', 1000, () => dataDir.release());
  const secret = secretOf(config) ?? keyOf(await dataDir.secret('secret'));
  const url = config.database.url ?? (await startInside());
  const db = await openDatabase({ url, poolSize: config.database.poolSize, ...connecting });
  lifecycle.onStop('database connections', 10_000, () => db.close());
  return { dataDir, secret, db, url };

  async function startInside(): Promise<string> {
    const starting = startEmbeddedPostgres({
      dataDir: dataDir.path,
      log,
      onFailure: () => void lifecycle.fail('PostgreSQL keeps ending'),
    });
    // Registered before it runs: a stop that comes meanwhile must not leave it behind.
    lifecycle.onStop('PostgreSQL', 25_000, async () => {
      const postgres = await starting.catch(() => undefined);
      await postgres?.stop();
    });
    return (await starting).url;
  }
}

/**
 * Connects to what a server that runs on the same data directory has opened.
 * @throws StartupError
 */
export async function joinStorage(config: Config, server: RunningServer, using: Using): Promise<Storage> {
  const { lifecycle, ...connecting } = using;
  const url = server.database ?? config.database.url;
  const kept = await keptSecret(config.dataDir, 'secret');
  const secret = secretOf(config) ?? (kept === undefined ? undefined : keyOf(kept));
  if (url === undefined || secret === undefined) {
    throw new StartupError(
      `The server at ${server.url} runs with other settings: give DATABASE_URL and SECRET_KEY here as they are there`,
    );
  }
  const db = await openDatabase({ url, poolSize: POOL_BESIDE, ...connecting });
  lifecycle.onStop('database connections', 10_000, () => db.close());
  return { secret, db, url };
}

/** Applies what is missing of tables and functions; answers the names. @throws StartupError */
export async function migrateStorage({ db, url }: Storage, log: Logger): Promise<string[]> {
  const applied = await migrate(db.pool, migrations, log);
  await migrateJobs(url, log);
  return applied;
}

/** The server needs the others. */
const POOL_BESIDE = 3;

function secretOf({ secretKey }: Config): Buffer | undefined {
  // Any text of 32 characters or more; keys are derived from it by HKDF, which needs no particular form.
  return secretKey === undefined ? undefined : Buffer.from(secretKey, 'utf8');
}

function keyOf(kept: string): Buffer {
  return Buffer.from(kept, 'base64url');
}
