import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pid, platform } from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
import { StartupError } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { findBinaries, prepareBinaries } from './binaries.ts';
import type { Binaries } from './binaries.ts';
import { DATABASE_USER, ensureCluster, inDirectory, serverArguments } from './cluster.ts';
import { endPrevious } from './processes.ts';
import { unprivilegedUser } from './system-user.ts';
import type { SystemUser } from './system-user.ts';

export interface EmbeddedOptions {
  /** Absolute, existing, and held by this process alone (`openDataDir`); the database is in `postgres` below it. */
  dataDir: string;
  log: Logger;
  /** 60 unless told. */
  maxConnections?: number;
  /** Times the pauses between attempts to start the server again. */
  clock?: Clock;
  /** Called at most once, when the server keeps ending and is given up. */
  onFailure?: (error: Error) => void;
}

/** A PostgreSQL server that belongs to this process, and is started again whenever it ends by itself. */
export interface EmbeddedPostgres {
  /** A connection string of its Unix socket, valid while this process lives. */
  readonly url: string;
  /** The process id of the server; another one after it had to be started again. */
  readonly pid: number | undefined;
  /** Ends it after a checkpoint, cutting connections; bounded (20 s). Idempotent; never rejects. */
  stop(): Promise<void>;
}

/** The longest path a Unix socket can have is 103 bytes on macOS and 107 on Linux. */
const MAX_SOCKET_PATH = 103;
const SOCKET_NAME = '.s.PGSQL.5432';
const READY = 'database system is ready to accept connections';
const DRAIN_BOUND_MS = 500;
const START_BOUND_MS = 300_000;
/** A server that ended sooner than this after its start is counted as failing. */
const STABLE_MS = 60_000;
const RESTART_DELAYS_MS = [0, 200, 1000, 3000, 10_000];

/**
 * Starts the PostgreSQL that comes with Confab on the data below `dataDir`, creating them at the first start, and
 * resolves when it accepts connections. A server that an earlier process left running is ended first; data it had
 * committed are kept. PostgreSQL runs as this user or, for root, as an unprivileged one.
 *
 * @throws {StartupError} when it cannot be started.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  if (platform === 'win32') {
    throw new StartupError('On Windows the PostgreSQL inside is not available; set DATABASE_URL');
  }
  const { dataDir, log } = options;
  const dir = join(dataDir, 'postgres');
  const user = await unprivilegedUser([dir, dataDir]);
  const binaries = await prepareBinaries(
    await findBinaries(),
    user,
    user === undefined ? dataDir : '/var/cache/confab',
  );
  await ensureCluster(dir, binaries, user, log);

  const socket = await socketDirectory(dir);
  const server = new Server({
    dir,
    binaries,
    user,
    log,
    clock: options.clock ?? systemClock,
    maxConnections: options.maxConnections ?? 60,
  });
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    await socket.handle?.close();
    throw error;
  }
  server.supervise((error) => options.onFailure?.(error));
  return {
    url: `postgresql:///postgres?host=${encodeURIComponent(socket.path)}&user=${DATABASE_USER}`,
    get pid() {
      return server.pid;
    },
    async stop() {
      await server.stop();
      await socket.handle?.close();
    },
  };
}

/** The directory of the socket under a name short enough for connecting to it. */
async function socketDirectory(dir: string): Promise<{ path: string; handle?: FileHandle }> {
  if (Buffer.byteLength(join(dir, SOCKET_NAME)) <= MAX_SOCKET_PATH) return { path: dir };
  if (platform !== 'linux') throw new StartupError(`The path ${dir} is too long for a Unix socket; set DATA_DIR`);
  const handle = await open(dir, 'r');
  return { path: `/proc/${pid}/fd/${handle.fd}`, handle };
}

interface ServerOptions {
  dir: string;
  binaries: Binaries;
  user: SystemUser | undefined;
  log: Logger;
  clock: Clock;
  maxConnections: number;
}

class Server {
  readonly #options: ServerOptions;
  #child: ChildProcess | undefined;
  /** Settles when the present child has ended. */
  #ended: Promise<string> = Promise.resolve('');
  #restarting: Promise<void> = Promise.resolve();
  readonly #stopping = new AbortController();
  /** Everything that the server wrote was read. */
  #drained: Promise<void> = Promise.resolve();
  #startedAt = 0;
  #failures = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts one server process and resolves when it accepts connections. */
  async start(): Promise<void> {
    const { dir, binaries, user, log, clock, maxConnections } = this.#options;
    await endPrevious(dir, log);
    this.#stopping.signal.throwIfAborted();
    const { dataArgument, options } = inDirectory(dir, user);
    // Detached: an interrupt typed at the terminal is for Confab, which ends PostgreSQL last.
    const child = spawn(binaries.postgres, serverArguments(dataArgument, maxConnections), {
      ...options,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });

    let starting = true;
    const complaints: string[] = [];
    const lines = createInterface(child.stderr);
    const drained = new Promise<void>((resolve) => lines.once('close', resolve));
    this.#drained = drained;
    const ready = new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        if (line.includes(READY)) resolve();
        if (starting && !/^(?:LOG|WARNING|DETAIL|CONTEXT):/.test(line)) complaints.push(line.trim());
        logLine(log, line);
      });
    });
    const failed = this.#ended.then(async (reason) => {
      if (starting) await Promise.race([drained, delay(DRAIN_BOUND_MS)]);
      throw new StartupError(`PostgreSQL did not start: ${complaints.join(' ') || reason}`);
    });
    const bound = new AbortController();
    const tooLate = delay(START_BOUND_MS, undefined, { signal: bound.signal }).then(() => {
      throw new StartupError(`PostgreSQL was not ready within ${START_BOUND_MS / 1000} s; its log tells why`);
    });
    try {
      await Promise.race([ready, failed, tooLate]);
    } finally {
      starting = false;
      bound.abort();
    }
    this.#startedAt = clock.now();
  }

  /** From now on, starts it again when it ends, until that fails too often in a row. */
  supervise(onFailure: (error: Error) => void): void {
    void this.#ended.then((reason) => {
      if (this.#stopping.signal.aborted) return;
      this.#options.log.error({ reason }, 'PostgreSQL ended by itself; starting it again');
      this.#restarting = this.#restart().then(
        () => this.supervise(onFailure),
        (error: unknown) => {
          this.#options.log.fatal({ err: error }, 'PostgreSQL cannot be kept running');
          onFailure(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  async #restart(): Promise<void> {
    const { log, clock } = this.#options;
    const { signal } = this.#stopping;
    if (clock.now() - this.#startedAt > STABLE_MS) this.#failures = 0;
    while (!signal.aborted) {
      const pause = RESTART_DELAYS_MS[this.#failures++];
      if (pause === undefined) throw new Error('PostgreSQL ended too often in a row');
      try {
        await this.#pause(pause);
        await this.start();
        log.info({ pid: this.pid }, 'PostgreSQL runs again');
        return;
      } catch (error) {
        if (!signal.aborted) log.error({ err: error }, 'PostgreSQL could not be started again');
      }
    }
  }

  /** Resolves after `ms`, or as soon as the server is to stop. */
  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.setTimeout(resolve, ms);
      signal.addEventListener('abort', () => (timer.cancel(), resolve()), { once: true });
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    // Fast shutdown: roll back, disconnect, checkpoint. Then immediate shutdown, then the hard way.
    for (const [signal, boundMs] of [
      ['SIGINT', 12_000],
      ['SIGQUIT', 5_000],
      ['SIGKILL', 3_000],
    ] as const) {
      this.#child?.kill(signal);
      if (await this.#endsWithin(boundMs)) {
        // Its last words may still be on their way.
        await Promise.race([this.#drained, delay(DRAIN_BOUND_MS)]);
        return;
      }
      this.#options.log.warn({ signal }, 'PostgreSQL did not end in time');
    }
  }

  async #endsWithin(boundMs: number): Promise<boolean> {
    const bound = new AbortController();
    const ended = this.#restarting.then(() => this.#ended).then(() => true);
    const tooLate = delay(boundMs, false, { signal: bound.signal });
    try {
      return await Promise.race([ended, tooLate]);
    } finally {
      bound.abort();
    }
  }
}

function logLine(log: Logger, line: string): void {
  if (line.startsWith('PANIC:')) log.error({ postgres: line }, 'PostgreSQL');
  else log.debug({ postgres: line }, 'PostgreSQL');
}
