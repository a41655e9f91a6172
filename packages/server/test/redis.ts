/** A Redis of one's own for tests: a real process on a private port, in memory only. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

export interface TestRedis {
  url: string;
  /** As `kill -9`: everything it held is gone. */
  kill(): Promise<void>;
  /** Runs again, empty, where it was. */
  start(): Promise<void>;
  /** Stands still, connections open and unanswered, until `resume`. */
  pause(): void;
  resume(): void;
  /** For good. */
  stop(): Promise<void>;
}

/** Takes some 50 ms. */
export async function startRedis(): Promise<TestRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'confab-redis-'));
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return await running(port, dir);
    } catch (error) {
      // Another program may have taken the port meanwhile.
      if (attempt === 3) throw error;
    }
  }
}

async function running(port: number, dir: string): Promise<TestRedis> {
  let child: ChildProcess | undefined = await launch(port, dir);
  async function kill(): Promise<void> {
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    child = undefined;
    await ended;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    async start() {
      child ??= await launch(port, dir);
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    async stop() {
      await kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function launch(port: number, dir: string): Promise<ChildProcess> {
  const settings = { bind: '127.0.0.1', port, dir, save: '', appendonly: 'no', daemonize: 'no' };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  endWithTests(child);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  child.once('error', reject);
  child.once('exit', () => reject(new Error(`redis-server ended: ${said}`)));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.includes('Ready to accept connections')) resolve();
  });
  await promise;
  return child;
}

/** Should the process that runs the tests end without stopping it. */
export function endWithTests(child: ChildProcess): void {
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
}

/**
 * A port that is free, and stays so for whoever is to listen there later or once more: below those that systems give out by
 * themselves, and not answered again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    nextPort = nextPort < LAST_PORT ? nextPort + 1 : FIRST_PORT;
    const server = createServer().listen(nextPort, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.close();
    if (isFree) return nextPort;
  }
}
const FIRST_PORT = 10_000;
const LAST_PORT = 32_000;
// Tests that run at the same time begin far from each other.
let nextPort = randomInt(FIRST_PORT, LAST_PORT);
