/**
 * How long it takes until Confab can be used.
 *
 *     npm run bench -- start [--rounds 3]
 *
 * In each round it starts in an empty directory, with everything made anew, is stopped, and starts there again. Time counts
 * from the start of the process until it says that it is ready, with PostgreSQL, on all cores; memory is that of all its
 * processes, of which PostgreSQL's share some, two seconds later.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { residentBytes } from './live/process.ts';
import { median, printTable, round } from './live/stats.ts';

interface Start {
  readyMs: number;
  /** Of Node alone, and with PostgreSQL. */
  nodeMb: number;
  allMb: number;
}

export async function start(options: ReadonlyMap<string, string>): Promise<object> {
  const rounds = Number(options.get('rounds') ?? 3);
  const results: Record<'first' | 'later', Start[]> = { first: [], later: [] };
  for (let i = 0; i < rounds; i += 1) {
    const dir = await mkdtemp(join(tmpdir(), 'confab-bench-'));
    try {
      for (const which of ['first', 'later'] as const) {
        const one = await startOnce(dir);
        results[which].push(one);
        console.log(`round ${i + 1}, ${which}: ${JSON.stringify(one)}`);
      }
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }
  const figures = (['first', 'later'] as const).map((which) => ({
    start: which,
    'ready after ms': median(results[which].map((one) => one.readyMs)),
    'Node MB': median(results[which].map((one) => one.nodeMb)),
    'all MB': median(results[which].map((one) => one.allMb)),
  }));
  printTable(figures);
  return { figures, rounds: results };
}

async function startOnce(dir: string): Promise<Start> {
  const begun = performance.now();
  const child = spawn(process.execPath, ['--expose-gc', join(import.meta.dirname, '../packages/server/src/main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      LOG_FORMAT: 'json',
      DATA_DIR: join(dir, 'data'),
      PORT: '0',
      PUBLIC_URL: 'http://localhost',
    },
  });
  const exited = once(child, 'exit');
  const pid = child.pid ?? 0;
  try {
    const lines = createInterface(child.stdout);
    const ready = new Promise<void>((resolve) => lines.on('line', (line) => line.includes('is ready') && resolve()));
    const ended = exited.then(() => {
      throw new Error('it ended before it was ready');
    });
    await Promise.race([ready, ended]);
    const readyMs = Math.round(performance.now() - begun);
    await delay(2000);
    const all = await withDescendants(pid);
    const mb = (pids: readonly number[]) => round(pids.reduce((sum, one) => sum + residentBytes(one), 0) / 2 ** 20, 0);
    return { readyMs, nodeMb: mb([pid]), allMb: mb(all) };
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

async function withDescendants(pid: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // It may have ended meanwhile.
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const all = [pid];
  for (const one of all) for (const [child, parent] of parents) if (parent === one) all.push(child);
  return all;
}
