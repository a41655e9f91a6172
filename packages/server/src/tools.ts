/** The composition root of the command line: an installation without what serves people. */
import type { Config } from './config.ts';
import { type Accounts, createAccounts } from './modules/accounts/index.ts';
import { migrations } from './modules/migrations.ts';
import { memoryBus } from './platform/bus/memory.ts';
import { systemClock } from './platform/clock.ts';
import { type RunningServer, runningServer } from './platform/datadir.ts';
import { pendingMigrations } from './platform/db/migrate.ts';
import { createIds } from './platform/ids.ts';
import { PostgresJobs } from './platform/jobs/postgres.ts';
import { memoryLimiter } from './platform/limiter/memory.ts';
import { StartupError } from './platform/lifecycle.ts';
import { createMetrics } from './platform/metrics.ts';
import { joinStorage, migrateStorage, openStorage, type Storage, type Using } from './storage.ts';

/**
 * The accounts, beside the server that runs on the same data directory or, when there is none, with a PostgreSQL started
 * for as long as it takes. What was opened is registered with `lifecycle`.
 * @throws StartupError
 */
export async function openAccounts(config: Config, { log, lifecycle }: Using): Promise<Accounts> {
  const clock = systemClock;
  const { storage, beside } = await openOrJoin(config, { log, lifecycle });
  if (beside === undefined) {
    await migrateStorage(storage, log);
  } else if ((await pendingMigrations(storage.db.pool, migrations)).length > 0) {
    throw new StartupError('This is a later version than the server that runs: start it again first');
  }
  const { db, url, secret } = storage;
  const { redis } = config;
  const bus =
    redis.url === undefined
      ? memoryBus()
      : await (
          await import('./platform/bus/redis.ts')
        ).redisBus({ url: redis.url, prefix: redis.prefix, clock, log, metrics: createMetrics(clock) });
  lifecycle.onStop('bus', 1000, () => bus.close());
  const jobs = new PostgresJobs({ url, clock, log, concurrency: 1 });
  lifecycle.onStop('jobs', 5000, () => jobs.close());
  const baseUrl = config.http.publicUrl ?? beside?.url ?? `http://localhost:${config.http.port}`;
  const accounts = await createAccounts({
    db,
    clock,
    ids: createIds(clock),
    log,
    bus,
    jobs,
    limiter: memoryLimiter(config.rateLimits, clock),
    mailer: undefined,
    sms: undefined,
    secret,
    config: { ...config.accounts, baseUrl: () => baseUrl },
    personalData: () => [],
  });
  lifecycle.onStop('accounts', 5000, () => accounts.stop());
  return accounts;
}

/**
 * Brings the database up to date, or only looks what is missing. Answers the names of migrations.
 * @throws StartupError
 */
export async function migrateDatabase(config: Config, using: Using, only: 'look' | 'apply'): Promise<string[]> {
  const { storage } = await openOrJoin(config, using);
  return only === 'look' ? pendingMigrations(storage.db.pool, migrations) : migrateStorage(storage, using.log);
}

/** @throws StartupError */
export async function openOrJoin(
  config: Config,
  using: Using,
): Promise<{ storage: Storage; beside: RunningServer | undefined }> {
  try {
    return { storage: await openStorage(config, using), beside: undefined };
  } catch (error) {
    const beside = await runningServer(config.dataDir);
    if (!(error instanceof StartupError) || beside === undefined) throw error;
    return { storage: await joinStorage(config, beside, using), beside };
  }
}
