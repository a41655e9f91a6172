/** The composition root of the command line: an installation without what serves people. */
import type { Config } from './config.ts';
import { type Accounts, createAccounts } from './modules/accounts/index.ts';
import { migrations } from './modules/migrations.ts';
import { LoungeService } from './modules/lounges/index.ts';
import { countUnread } from './modules/messages/index.ts';
import { Committer } from './modules/rooms/index.ts';
import {
  AgeService,
  BlockService,
  type LogVerdict,
  moderationLog,
  SilenceService,
  verifyLog,
} from './modules/safety/index.ts';
import { memoryBus } from './platform/bus/memory.ts';
import { systemClock } from './platform/clock.ts';
import { type RunningServer, runningServer } from './platform/datadir.ts';
import { pendingMigrations } from './platform/db/migrate.ts';
import { createIds } from './platform/ids.ts';
import { PostgresJobs } from './platform/jobs/postgres.ts';
import { memoryLimiter } from './platform/limiter/memory.ts';
import { StartupError } from './platform/lifecycle.ts';
import { createMetrics } from './platform/metrics.ts';
import { sharpPictures } from './platform/pictures/sharp.ts';
import { memoryPresence } from './platform/presence/memory.ts';
import { joinStorage, migrateStorage, openStorage, type Storage, type Using } from './storage.ts';

/**
 * The accounts, beside the server that runs on the same data directory or, when there is none, with a PostgreSQL started
 * for as long as it takes. What was opened is registered with `lifecycle`.
 * @throws StartupError
 */
export async function openAccounts(config: Config, using: Using): Promise<Accounts> {
  return (await openParts(config, using)).accounts;
}

/** The lounges, opened like the accounts. How many are there now is not known. @throws StartupError */
export async function openLounges(config: Config, using: Using): Promise<LoungeService> {
  const { db, bus, clock, ids, jobs, accounts: profiles } = await openParts(config, using);
  const blocks = new BlockService({ db, bus, clock, profiles, changed: () => Promise.resolve() });
  const committer = new Committer({
    db,
    bus,
    clock,
    metrics: createMetrics(clock),
    countUnread: countUnread(blocks),
    silences: new SilenceService({ db, bus, clock }),
    shutOutSince: profiles.shutOutSince,
    lanes: 1,
    batch: 100,
    queue: 1000,
  });
  using.lifecycle.onStop('commits', 15_000, () => committer.close());
  return new LoungeService({
    db,
    bus,
    clock,
    ids,
    jobs,
    log: using.log,
    committer,
    profiles,
    ages: new AgeService({ db, clock }),
    trail: moderationLog({ clock }),
    store: memoryPresence(),
    pictures: sharpPictures(),
  });
}

async function openParts(config: Config, { log, lifecycle }: Using) {
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
  const ids = createIds(clock);
  const accounts = await createAccounts({
    db,
    clock,
    ids,
    log,
    bus,
    jobs,
    limiter: memoryLimiter(config.rateLimits, clock),
    mailer: undefined,
    sms: undefined,
    secret,
    config: { ...config.accounts, baseUrl: () => baseUrl },
    personalData: () => [],
    banRecords: () => {
      throw new Error('nobody is banned from the command line');
    },
    trail: moderationLog({ clock }),
    // The rules are for everybody else.
    demandWording: async () => undefined,
    demandVoice: async () => undefined,
    changesUnderWay: async () => undefined,
  });
  lifecycle.onStop('accounts', 5000, () => accounts.stop());
  return { db, bus, clock, ids, jobs, accounts };
}

/**
 * Brings the database up to date, or only looks what is missing. Answers the names of migrations.
 * @throws StartupError
 */
export async function migrateDatabase(config: Config, using: Using, only: 'look' | 'apply'): Promise<string[]> {
  const { storage } = await openOrJoin(config, using);
  return only === 'look' ? pendingMigrations(storage.db.pool, migrations) : migrateStorage(storage, using.log);
}

/**
 * Checks the audit trail of moderation (`verifyLog`), and changes nothing.
 * @param head a hash noted earlier, in hex
 * @throws StartupError also when the database is not up to date
 */
export async function verifyAudit(config: Config, using: Using, head?: string): Promise<LogVerdict> {
  const { storage } = await openOrJoin(config, using);
  if ((await pendingMigrations(storage.db.pool, migrations)).length > 0) {
    throw new StartupError('The database is not up to date: `migrate` brings it there');
  }
  return verifyLog(storage.db, head);
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
