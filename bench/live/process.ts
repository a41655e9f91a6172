/** Programs under measurement: on a core of their own, and what they use. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** The core of the server under measurement; everything else runs on the others. */
const SERVER_CORE = 0;
const LOAD_CORE = 1;

export interface Measured {
  /** Where it listens on the loopback. */
  port: number;
  pid: number;
  /** Microseconds of CPU time so far, in the program and in the kernel for it. */
  cpuUs(): number;
  /** The kernel's part of it. */
  kernelUs(): number;
  /** Bytes of memory it holds now. */
  residentBytes(): number;
  /** Asks what only the program knows: it answers over the channel it was started with. */
  ask<T>(question: string): Promise<T>;
  stop(): Promise<void>;
}

/** The unit of /proc/<pid>/stat: USER_HZ, 100 on every Linux. */
const TICK_US = 10_000;

/**
 * Starts `file` pinned to the server's core. It says `{port}` over IPC once it listens.
 * @param program what runs it, where that is not Node
 */
export async function startMeasured(
  file: string,
  env: Record<string, string> = {},
  nodeArgs: readonly string[] = [],
  program = process.execPath,
): Promise<Measured> {
  const child = spawn('taskset', ['-c', String(SERVER_CORE), program, ...nodeArgs, file], {
    stdio: ['ignore', 2, 2, 'ipc'],
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
  });
  const { port } = await answer<{ port: number }>(child);
  const pid = child.pid ?? 0;
  return {
    port,
    pid,
    cpuUs: () => cpuTicks(pid).reduce((sum, ticks) => sum + ticks) * TICK_US,
    kernelUs: () => cpuTicks(pid)[1] * TICK_US,
    residentBytes: () => residentBytes(pid),
    async ask<T>(question: string) {
      const answered = answer<T>(child);
      child.send({ question });
      return answered;
    },
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function answer<T>(child: ChildProcess): Promise<T> {
  const exited = new AbortController();
  const onExit = () => exited.abort(new Error('the program under measurement ended'));
  child.once('exit', onExit);
  try {
    const [message] = (await once(child, 'message', { signal: exited.signal })) as [T];
    return message;
  } finally {
    child.off('exit', onExit);
  }
}

/** Of any process, without its help: ticks of its own, and of the kernel for it. */
function cpuTicks(pid: number): [number, number] {
  const fields = statOf(pid);
  return [Number(fields[11]), Number(fields[12])];
}

/** Microseconds of CPU time of a process, of its children, and of those of them that ended. */
export function treeCpuUs(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  const ended = statOf(pid).slice(13, 15).map(Number);
  const living = [pid, ...children].flatMap(cpuTicks);
  return [...ended, ...living].reduce((sum, ticks) => sum + ticks) * TICK_US;
}

export function parentOf(pid: number): number {
  return Number(statOf(pid)[1]);
}

// From the state on. The name before it, in parentheses, may hold anything; utime, stime, and those of ended children are
// the 12th to 15th.
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Bytes of memory a process holds now. */
export function residentBytes(pid: number): number {
  const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) * 1024;
}

/** Keeps this process, which makes the load, off the server's core. */
export async function pinLoad(): Promise<void> {
  const pinned = spawn('taskset', ['-a', '-cp', String(LOAD_CORE), String(process.pid)], { stdio: 'ignore' });
  const [code] = (await once(pinned, 'exit')) as [number];
  if (code !== 0) throw new Error('taskset (util-linux) is needed');
}
