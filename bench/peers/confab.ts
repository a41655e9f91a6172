/** The real program, which also tells over IPC where it listens and what its heap holds. */
import pg from 'pg';
import { startApp } from '../../packages/server/src/app.ts';
import { parseConfig } from '../../packages/server/src/config.ts';
import { createLifecycle } from '../../packages/server/src/platform/lifecycle.ts';
import { createLogger } from '../../packages/server/src/platform/log.ts';

// Counted where the program hands them to its driver.
let queries = 0;
const { prototype } = pg.Client as unknown as { prototype: { query(...args: unknown[]): unknown } };
const plain = Reflect.get(prototype, 'query');
prototype.query = function count(...args: unknown[]) {
  queries += 1;
  return Reflect.apply(plain, this, args);
};

const config = parseConfig(process.env);
const log = createLogger(config.log);
const lifecycle = createLifecycle(log);
process.on('SIGTERM', () => void lifecycle.stop('measured'));
void lifecycle.stopped.then(() => process.exit(0));
const app = await startApp(config, { log, lifecycle });
let blocks: ReturnType<typeof watchBlocks> | undefined;
process.on('message', ({ question }: { question: string }) => {
  if (question === 'heap') {
    globalThis.gc?.();
    process.send?.(process.memoryUsage());
  } else if (question === 'queries') {
    process.send?.({ queries });
  } else if (question === 'blocks') {
    // Since it was asked before.
    process.send?.((blocks ??= watchBlocks())());
  }
});
process.send?.({ port: Number(new URL(app.url).port) });

/** How long nothing else got its turn at most, in ms: by the clock, in CPU time of this process, and of the thread alone. */
interface Longest {
  ms: number;
  cpuMs: number;
  threadMs: number;
}

const NONE: Longest = { ms: 0, cpuMs: 0, threadMs: 0 };

/**
 * Where the machine does other work the clock says more than CPU time: the system gave the core to somebody else. What the
 * process needs beside its one thread is mostly garbage collection, on the same core here.
 */
function watchBlocks(): () => Longest {
  let longest = NONE;
  let [at, cpu, thread] = [performance.now(), process.cpuUsage(), process.threadCpuUsage()];
  setInterval(() => {
    const ms = performance.now() - at;
    longest = {
      ms: Math.max(longest.ms, ms),
      cpuMs: Math.max(longest.cpuMs, Math.min(ms, msOf(process.cpuUsage(cpu)))),
      threadMs: Math.max(longest.threadMs, msOf(process.threadCpuUsage(thread))),
    };
    [at, cpu, thread] = [performance.now(), process.cpuUsage(), process.threadCpuUsage()];
  }, 5);
  return () => {
    const answer = longest;
    longest = NONE;
    return answer;
  };
}

function msOf({ user, system }: { user: number; system: number }): number {
  return (user + system) / 1000;
}
