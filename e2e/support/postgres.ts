/** The processes of the PostgreSQL inside, seen from outside. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export async function postmasterPid(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8');
  return Number.parseInt(text, 10);
}

/** Sends a signal to a process, which may have ended meanwhile: whether it was there. */
export function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}

/** The pids of its children, and those of them that serve a connection. */
export async function childrenOf(postmaster: number): Promise<{ all: number[]; backends: number[] }> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,command=']);
  const children = stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .filter(([, , ppid]) => Number(ppid) === postmaster);
  const pids = (list: string[][]) => list.map(([, pid]) => Number(pid));
  return {
    all: pids(children),
    backends: pids(children.filter(([, , , command]) => command?.includes(' confab postgres ') === true)),
  };
}
