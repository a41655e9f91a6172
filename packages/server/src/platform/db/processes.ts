/** Finding and ending PostgreSQL processes that an earlier run left behind. */
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { kill, platform } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { StartupError } from '../lifecycle.ts';
import type { Logger } from '../log.ts';

const POLL_MS = 20;

/**
 * Ends every PostgreSQL process that works in `dir` (a server whose Confab was killed, or what is left of a server
 * that was killed itself), gently first, and removes what could keep a new one from starting. When it resolves, no
 * process has the directory open. Only a process proven to be PostgreSQL in this very directory is ever signalled: a
 * pid in a file proves nothing, since pids are used again.
 *
 * @throws {StartupError} when one of them cannot be ended.
 */
export async function endPrevious(dir: string, log: Logger): Promise<void> {
  const pidFile = join(dir, 'postmaster.pid');
  const recorded = await recordedPid(pidFile);

  let pids = await postgresIn(dir, recorded);
  if (pids.length > 0) log.warn({ pids }, 'ending PostgreSQL processes of an earlier run');
  if (recorded !== undefined && pids.includes(recorded)) {
    pids = await endAll([recorded], 'SIGINT', 10_000, () => postgresIn(dir, recorded));
  }
  if (pids.length > 0) pids = await endAll(pids, 'SIGQUIT', 5_000, () => postgresIn(dir, recorded));
  if (pids.length > 0) pids = await endAll(pids, 'SIGKILL', 5_000, () => postgresIn(dir, recorded));
  if (pids.length > 0) throw new StartupError(`PostgreSQL processes in ${dir} cannot be ended: ${pids.join(', ')}`);

  // PostgreSQL judges a recorded pid by whether any process has it. A file whose process is gone stays: it leads
  // PostgreSQL to the shared memory of that server, which it checks for users.
  if (recorded !== undefined && isAlive(recorded)) await rm(pidFile, { force: true });
  await rm(join(dir, '.s.PGSQL.5432'), { force: true });
  await rm(join(dir, '.s.PGSQL.5432.lock'), { force: true });
}

/** Signals `pids` and waits until `remaining` answers none, at most `boundMs`; returns what remains. */
async function endAll(
  pids: number[],
  signal: NodeJS.Signals,
  boundMs: number,
  remaining: () => Promise<number[]>,
): Promise<number[]> {
  for (const pid of pids) {
    try {
      kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  const deadline = performance.now() + boundMs;
  let left = await remaining();
  while (left.length > 0 && performance.now() < deadline) {
    await delay(POLL_MS);
    left = await remaining();
  }
  return left;
}

async function recordedPid(pidFile: string): Promise<number | undefined> {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return pid > 0 ? pid : undefined;
}

/** The PostgreSQL processes whose working directory is `dir`; elsewhere than on Linux, the recorded one if it is. */
async function postgresIn(dir: string, recorded: number | undefined): Promise<number[]> {
  const wanted = await stat(dir);
  if (platform !== 'linux') {
    return recorded !== undefined && (await commandOf(recorded)).includes(dir) ? [recorded] : [];
  }
  const names = await readdir('/proc');
  const found = await Promise.all(
    names.map(async (name) => {
      const pid = Number(name);
      if (!Number.isInteger(pid)) return [];
      try {
        const cwd = await stat(`/proc/${name}/cwd`);
        if (cwd.ino !== wanted.ino || cwd.dev !== wanted.dev) return [];
        const program = basename(await readlink(`/proc/${name}/exe`));
        return /^(postgres|initdb)( \(deleted\))?$/.test(program) ? [pid] : [];
      } catch {
        // Ended meanwhile, or another user's, hence not ours.
        return [];
      }
    }),
  );
  return found.flat();
}

async function commandOf(pid: number): Promise<string> {
  const { stdout } = await promisify(execFile)('ps', ['-p', String(pid), '-o', 'command=']).catch(() => ({
    stdout: '',
  }));
  return stdout.includes('postgres') ? stdout : '';
}

function isAlive(pid: number): boolean {
  try {
    return kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
