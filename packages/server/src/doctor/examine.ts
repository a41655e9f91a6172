/** Part of the composition root: looks at an installation from outside and says what is wrong with it. */
import { stat, statfs } from 'node:fs/promises';
import { createTransport } from 'nodemailer';
import {
  type Finding,
  judgeClock,
  judgeDataDirectory,
  judgeDisk,
  judgeDurability,
  judgeRedis,
  judgeTasks,
  ok,
  problem,
  warning,
} from './judgements.ts';
import type { Config } from '../config.ts';
import { opensDataKeys } from '../modules/accounts/index.ts';
import { migrations } from '../modules/migrations.ts';
import { type RunningServer, runningServer } from '../platform/datadir.ts';
import { pendingMigrations } from '../platform/db/migrate.ts';
import { type Lifecycle, StartupError } from '../platform/lifecycle.ts';
import type { Logger } from '../platform/log.ts';
import { taskStates } from '../platform/upkeep/index.ts';
import type { Storage } from '../storage.ts';
import { openOrJoin } from '../tools.ts';

const ANSWER_MS = 5000;

interface Using {
  log: Logger;
  lifecycle: Lifecycle;
}

/** Looks at everything an installation uses, one after another. Nothing is changed. Never rejects. */
export async function* examine(config: Config, using: Using): AsyncGenerator<Finding, void, undefined> {
  yield* examineStorage(config, using);
  yield* examineDirectory(config);
  yield await examineServer(config, await runningServer(config.dataDir));
  if (config.redis.url !== undefined) yield await examineRedis(config.redis.url, using.log);
  yield await examineMail(config);
}

async function* examineStorage(config: Config, using: Using): AsyncGenerator<Finding, void, undefined> {
  let storage: Storage;
  try {
    // What is asked for is how things are now: nothing is waited for.
    ({ storage } = await openOrJoin(config, { ...using, connectBoundMs: 0 }));
  } catch (error) {
    yield problem('database', wordsOf(error), 'nothing works without it: mend this first');
    return;
  }
  const { db, secret } = storage;
  const { rows } = await db.query<{ name: string; setting: string }>(
    `select name, setting from pg_settings
     where name in ('server_version', 'fsync', 'full_page_writes', 'synchronous_commit', 'max_connections')`,
  );
  const settings = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  const where = config.database.url === undefined ? 'embedded' : 'external';
  yield ok('database', `PostgreSQL ${settings['server_version']}, ${where}`);
  yield judgeDurability(settings);
  yield judgeClock(await aheadOf(storage));
  let pending: string[];
  try {
    pending = await pendingMigrations(db.pool, migrations);
  } catch (error) {
    yield problem('migrations', wordsOf(error), 'run the version that made this database, or a later one');
    return;
  }
  if (pending.length > 0) {
    yield warning(
      'migrations',
      `${pending.length} missing`,
      'the server applies them when it starts; or run `migrate`',
    );
    return;
  }
  yield ok('migrations', 'up to date');
  const running = (await runningServer(config.dataDir)) !== undefined;
  yield judgeTasks(await taskStates(db), Date.now(), running);
  yield (await opensDataKeys(db, secret))
    ? ok('secret', 'opens the keys in the database')
    : problem(
        'secret',
        'does not open the keys in the database: it is not the one this database was set up with',
        config.secretKey === undefined
          ? 'put back the secret.key of this database into the data directory'
          : 'set SECRET_KEY to the original one, or unset it if secret.key in the data directory was used',
      );
}

/** By how many milliseconds this machine’s clock is ahead of the database’s. */
async function aheadOf({ db }: Storage): Promise<number> {
  const before = Date.now();
  const { rows } = await db.query<{ now: number }>('select clock_timestamp() as now');
  const after = Date.now();
  const theirs = rows[0]?.now ?? before;
  // Read at some moment in between.
  if (theirs < before) return before - theirs;
  return theirs > after ? after - theirs : 0;
}

async function* examineDirectory({ dataDir }: Config): AsyncGenerator<Finding, void, undefined> {
  try {
    const [{ mode }, disk] = await Promise.all([stat(dataDir), statfs(dataDir)]);
    yield judgeDataDirectory(dataDir, mode);
    yield judgeDisk(dataDir, disk.bavail * disk.bsize);
  } catch (error) {
    yield problem('data directory', wordsOf(error), 'set DATA_DIR to a directory that can be written');
  }
}

async function examineServer({ http }: Config, running: RunningServer | undefined): Promise<Finding> {
  const url = http.publicUrl ?? running?.url;
  if (url === undefined) return ok('server', 'does not run');
  const answer = await healthOf(url);
  if (answer === 'well') return ok('server', `answers at ${url}`);
  const says = `${url}/health ${answer}`;
  if (running === undefined) return warning('server', `${says}; on this data directory none runs`, 'start it');
  return problem(
    'server',
    says,
    http.publicUrl === undefined
      ? 'look into its log'
      : `it runs at ${running.url}: check PUBLIC_URL, the name in DNS, the certificate, and the proxy in between`,
  );
}

/** `well`, or what is wrong, in words that follow the address. */
async function healthOf(url: string): Promise<string> {
  try {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(ANSWER_MS), redirect: 'manual' });
    const body = (await answer.json().catch(() => undefined)) as { status?: unknown; checks?: object } | undefined;
    if (body?.status === undefined) return `answers ${answer.status}, and not as Confab does`;
    return answer.ok ? 'well' : `answers that it is not well: ${JSON.stringify(body.checks ?? body.status)}`;
  } catch (error) {
    return `does not answer (${wordsOf(error)})`;
  }
}

// What is wrong is said here, not in the log.
async function examineRedis(url: string, log: Logger): Promise<Finding> {
  const { closeRedis, openRedis } = await import('../platform/redis.ts');
  try {
    const redis = await openRedis({ url, role: 'doctor', log: log.child({}, { level: 'silent' }) });
    try {
      return judgeRedis(await redis.info('server'));
    } finally {
      await closeRedis(redis);
    }
  } catch (error) {
    return problem('redis', wordsOf(error), 'start it, or set REDIS_URL to where it is');
  }
}

async function examineMail({ mail, mode }: Config): Promise<Finding> {
  if (mail.url === undefined) {
    if (mode !== 'production') return ok('mail', 'is shown on /dev/mailbox');
    const says = 'SMTP_URL is not set: no codes, and nobody can set a forgotten password';
    return warning('mail', says, 'set SMTP_URL and MAIL_FROM');
  }
  const transport = createTransport({
    url: mail.url,
    requireTLS: new URL(mail.url).username !== '',
    connectionTimeout: ANSWER_MS,
    greetingTimeout: ANSWER_MS,
    socketTimeout: ANSWER_MS,
    dnsTimeout: ANSWER_MS,
  });
  try {
    await transport.verify();
    return ok('mail', `${new URL(mail.url).host} takes our mail`);
  } catch (error) {
    return problem('mail', `${new URL(mail.url).host}: ${wordsOf(error)}`, 'check SMTP_URL, user and password');
  } finally {
    transport.close();
  }
}

/** One line; the innermost cause tells most. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof StartupError) && error.cause instanceof Error) return wordsOf(error.cause);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return (error instanceof StartupError ? error.message : (code ?? error.message)).replaceAll(/\s*\n\s*/g, ' ');
}
