import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartupError } from './lifecycle.ts';

/** The directory that holds everything this installation keeps, held by this process alone. */
export interface DataDir {
  /** Absolute. */
  readonly path: string;
  /**
   * The secret of that name: 256 random bits as 43 characters of base64url, kept in `<name>.key` (mode 0600). Created
   * at the first call; every later one, in this and in later processes, returns the same.
   */
  secret(name: string): Promise<string>;
  /** Tells other programs of this machine (`runningServer`) where this one serves, until it gives up the directory. */
  announce(server: RunningServer): Promise<void>;
  /** Gives up the exclusive hold. Idempotent. */
  release(): void;
}

/** A server as it announces itself in its data directory. */
export interface RunningServer {
  /** Where it listens, such as http://127.0.0.1:3000. */
  url: string;
  mode: string;
  /** How programs of the same user reach the database that runs inside; null when it is another one. */
  database: string | null;
}

/** What the process that holds the directory announced; undefined when there is none, or it does not serve yet. */
export async function runningServer(dir: string): Promise<RunningServer | undefined> {
  const text = await readFile(join(dir, ANNOUNCEMENT), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as RunningServer);
}

/** What `DataDir.secret` keeps there; undefined when it was never asked for. Nothing is created. @throws StartupError when it is damaged */
export async function keptSecret(dir: string, name: string): Promise<string | undefined> {
  return readSecret(join(dir, `${name}.key`));
}

const ANNOUNCEMENT = 'server.json';

/**
 * Creates the directory if need be (mode 0700), makes sure that it is writable, and takes hold of it.
 *
 * @throws {StartupError} when it cannot be written or another running process holds it.
 */
export async function openDataDir(dir: string): Promise<DataDir> {
  const path = resolve(dir);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await rmdir(await mkdtemp(join(path, '.writable-')));
  } catch (error) {
    throw new StartupError(
      `The data directory ${path} is not writable (${codeOf(error)}); set DATA_DIR to one that is`,
      {
        cause: error,
      },
    );
  }
  const lock = takeLock(path);
  const announcement = join(path, ANNOUNCEMENT);
  // That of a process that was killed.
  await rm(announcement, { force: true });
  return {
    path,
    secret: (name) => readOrCreateSecret(path, `${name}.key`),
    async announce(server) {
      // Whole or not at all, for those who read it at the same time.
      await writeFile(`${announcement}.new`, `${JSON.stringify(server)}\n`, { mode: 0o600 });
      await rename(`${announcement}.new`, announcement);
    },
    release() {
      if (!lock.isOpen) return;
      rmSync(announcement, { force: true });
      lock.close();
    },
  };
}

/**
 * Holds an exclusive SQLite transaction on an empty file. Node has no `flock` of its own; SQLite takes a lock of the
 * operating system (fcntl, or LockFileEx), which is the property needed here: the kernel drops it when the process
 * ends in whatever way, it works between containers that share a volume, and neither pids nor leftover files count.
 */
function takeLock(path: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(path, 'lock'), { timeout: 0 });
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (!(error instanceof Error)) throw error;
    const busy = 'errcode' in error && error.errcode === SQLITE_BUSY;
    const problem = busy ? 'is in use by another running instance' : `cannot be locked: ${error.message}`;
    throw new StartupError(`The data directory ${path} ${problem}`, { cause: error });
  }
}

const SQLITE_BUSY = 5;

async function readOrCreateSecret(dir: string, fileName: string): Promise<string> {
  const path = join(dir, fileName);
  const kept = await readSecret(path);
  if (kept !== undefined) return kept;
  const secret = randomBytes(32).toString('base64url');
  await writeDurably(dir, path, secret);
  return secret;
}

async function readSecret(path: string): Promise<string | undefined> {
  let secret: string;
  try {
    secret = (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new StartupError(`${path} cannot be read (${codeOf(error)})`, { cause: error });
  }
  // Never replaced: what it protects would be lost with it.
  if (!/^[\w-]{43}$/.test(secret)) throw new StartupError(`${path} is damaged; restore it from a backup`);
  return secret;
}

async function writeDurably(dir: string, path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncDirectory(dir);
}

/** Makes renames and creations inside `dir` survive a power failure. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
