/** The data directory of the PostgreSQL inside, and how a server is started on it. */
import { execFile } from 'node:child_process';
import { chown, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { platform } from 'node:process';
import { promisify } from 'node:util';
import { syncDirectory } from '../datadir.ts';
import { StartupError } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import type { Binaries } from './binaries.ts';
import { endPrevious } from './processes.ts';
import type { SystemUser } from './system-user.ts';

/** The superuser, and the only user. */
export const DATABASE_USER = 'confab';

/** What the processes see of our environment: no secrets, and a zone and language that don't depend on the machine. */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', TZ: 'UTC', LANG: 'C' };

/** Character classes (what is a letter), which full-text and trigram search depend on. Order and language stay `C`. */
const CTYPES = ['C.UTF-8', 'en_US.UTF-8', 'C'];

/** How a program of PostgreSQL is to be run on the data directory `dir`. */
export function inDirectory(dir: string, user: SystemUser | undefined) {
  return {
    /**
     * On Linux, by way of the working directory, which is entered while still root: the directories above may be
     * closed to the user that PostgreSQL runs as (such as /root).
     */
    dataArgument: platform === 'linux' ? '/proc/self/cwd' : dir,
    options: { cwd: dir, env: ENVIRONMENT, ...user?.ids },
  };
}

/**
 * Makes sure that `dir` is a data directory of this major version, creating it when it is missing. Creation is atomic
 * and durable: it takes place beside it and is renamed, so one that was interrupted is begun anew.
 *
 * @throws {StartupError} when it belongs to another major version or cannot be created.
 */
export async function ensureCluster(
  dir: string,
  binaries: Binaries,
  user: SystemUser | undefined,
  log: Logger,
): Promise<void> {
  if (await isDirectory(dir)) {
    const major = (await readFile(join(dir, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
    if (major === binaries.major) return;
    if (major === '') throw new StartupError(`${dir} is not a PostgreSQL data directory`);
    throw new StartupError(
      `${dir} was written by PostgreSQL ${major}, and this Confab comes with PostgreSQL ${binaries.major}: ` +
        'dump it with the Confab that wrote it and restore the dump, or set DATABASE_URL',
    );
  }

  log.info({ dir }, 'creating the database');
  const draft = `${dir}.new`;
  if (await isDirectory(draft)) {
    await endPrevious(draft, log);
    await rm(draft, { recursive: true });
  }
  await mkdir(draft, { mode: 0o700 });
  if (user !== undefined) await chown(draft, user.ids.uid, user.ids.gid);
  await initdb(draft, binaries, user);
  await rename(draft, dir);
  await syncDirectory(dirname(dir));
}

async function initdb(dir: string, binaries: Binaries, user: SystemUser | undefined): Promise<void> {
  const { dataArgument, options } = inDirectory(dir, user);
  let problem = '';
  for (const ctype of CTYPES) {
    try {
      // Whoever can reach the socket is the owner of the directory or root, who need no password to own the data.
      await promisify(execFile)(
        binaries.initdb,
        [
          `--pgdata=${dataArgument}`,
          `--username=${DATABASE_USER}`,
          '--auth=trust',
          '--encoding=UTF8',
          '--locale-provider=builtin',
          '--builtin-locale=C.UTF-8',
          '--locale=C',
          `--lc-ctype=${ctype}`,
          '--no-instructions',
        ],
        options,
      );
      return;
    } catch (error) {
      problem = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
      if (!problem.includes('invalid locale name')) break;
    }
  }
  throw new StartupError(`The database could not be created: ${problem}`);
}

/**
 * Arguments of the server: reachable by its Unix socket in the data directory only, every commit on disk before it is
 * acknowledged, and sized for one small machine.
 */
export function serverArguments(dataArgument: string, maxConnections: number): string[] {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: '.',
    unix_socket_permissions: '0700',
    max_connections: maxConnections,
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    // Nothing replicates from it.
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_wal_size: '512MB',
    checkpoint_timeout: '15min',
    shared_buffers: '64MB',
    maintenance_work_mem: '32MB',
    effective_cache_size: '512MB',
    // Queries are short: compiling them, or spreading one over processes, costs more than it brings.
    jit: 'off',
    max_parallel_workers_per_gather: 0,
    max_worker_processes: 4,
    autovacuum_max_workers: 2,
    io_method: 'sync',
    huge_pages: 'off',
    // The program hears of failed statements by itself; their texts and values do not belong into a log.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
    log_line_prefix: '',
  };
  return ['-D', dataArgument, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
