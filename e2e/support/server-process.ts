/** The real program as a process of its own, as `npm start` runs it. */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { endPrevious } from '../../packages/server/src/platform/db/processes.ts';
import { createLogger } from '../../packages/server/src/platform/log.ts';
import { databaseDirectory } from '../../packages/server/test/scratch.ts';

export const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = 'packages/server/src/main.ts';
/** What Node has compiled, kept where `npm start` keeps it; Node goes without where a user cannot write there. */
const COMPILE_CACHE = 'node_modules/.cache/confab';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface User {
  uid: number;
  gid: number;
}

export interface Options {
  dataDir: string;
  /** Settings over those of a test: HOST and PORT are chosen freely, nothing else is set. */
  env?: Record<string, string>;
  /** Whom it runs as; this process's user unless told. */
  user?: User | undefined;
  /** The checkout it runs from. */
  root?: string;
  /** What is run there; the program unless told. */
  command?: readonly [string, ...string[]];
  over?: Over;
}

/** Puts by what is done when it is over: the test, unless told. To be told where tests run at the same time, or share. */
export type Over = (done: () => Promise<void>) => void;

export interface Launched {
  readonly process: ChildProcess;
  /** Everything written so far. */
  stdout(): string;
  stderr(): string;
  /** The lines of the log so far. */
  log(): Record<string, unknown>[];
  /** Resolves at the first line of the log with this `msg`; rejects when the process ends before it. */
  logged(msg: string): Promise<Record<string, unknown>>;
  /** Resolves when the process has ended and everything it wrote was read. */
  readonly exited: Promise<Exit>;
}

export interface ServerProcess extends Launched {
  readonly pid: number;
  readonly url: string;
  readonly dataDir: string;
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Exit>;
}

/** Starts a process; it is killed when the test is over, should it still run. */
export function launch({ dataDir, env = {}, user, root = ROOT, command, over = onTestFinished }: Options): Launched {
  const [program, ...args] = command ?? [join(root, 'node_modules/node/bin/node'), PROGRAM];
  const options: SpawnOptions = {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_COMPILE_CACHE: join(root, COMPILE_CACHE),
      DATA_DIR: dataDir,
      PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: what is typed at the terminal of the tests is not for it.
    detached: true,
    ...user,
  };
  const child = spawn(program, args, options);
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  const look = () => {
    for (const one of waiting) one();
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    look();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  let ended = false;
  exited.then(
    () => (ended = true),
    () => (ended = true),
  );
  over(async () => {
    // The group: what npm started may outlive npm.
    if (child.pid !== undefined && !ended) process.kill(-child.pid, 'SIGKILL');
    await exited.catch(() => undefined);
  });

  const log = () =>
    stdout
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    log,
    logged(msg) {
      const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
      const find = () => {
        const line = log().find((entry) => entry['msg'] === msg);
        if (line === undefined) return;
        waiting.delete(find);
        resolve(line);
      };
      waiting.add(find);
      find();
      void exited.then(() => reject(new Error(`ended without saying "${msg}"\n${stdout}${stderr}`)), reject);
      return promise;
    },
    exited,
  };
}

/** Resolves when it is ready. Rejects with what it said when it ends before that. */
export async function startServer(options: Options): Promise<ServerProcess> {
  const launched = launch(options);
  const ready = await launched.logged('Confab is ready');
  const { pid } = launched.process;
  if (pid === undefined) throw new Error('a process that runs has a pid');
  return {
    ...launched,
    pid,
    url: String(ready['url']),
    dataDir: options.dataDir,
    async end(signal) {
      launched.process.kill(signal);
      return launched.exited;
    },
  };
}

/** A directory for data that does not exist yet, below one of the user's own; gone, with its PostgreSQL, when the test is over. */
export async function tempDataDir(user?: User, over: Over = onTestFinished): Promise<string> {
  // Another user may need a copy of the programs there, which must not be run in memory everywhere.
  const parent = await mkdtemp(join(user === undefined ? databaseDirectory() : tmpdir(), 'confab-e2e-'));
  if (user !== undefined) await chown(parent, user.uid, user.gid);
  over(async () => {
    // What a killed server leaves behind.
    const log = createLogger({ level: 'silent', format: 'json' });
    await endPrevious(join(parent, 'data', 'postgres'), log).catch(() => undefined);
    await rm(parent, { recursive: true, force: true });
  });
  return join(parent, 'data');
}
