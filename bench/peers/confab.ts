/** The real program, which also tells over IPC where it listens and what its heap holds. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
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
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
process.on('message', ({ question }: { question: string }) => {
  if (question === 'heap') {
    globalThis.gc?.();
    process.send?.(process.memoryUsage());
  } else if (question === 'queries') {
    process.send?.({ queries });
  } else if (question === 'delay') {
    process.send?.({ maxMs: delay.max / 1e6, p99Ms: delay.percentile(99) / 1e6 });
    delay.reset();
  }
});
process.send?.({ port: Number(new URL(app.url).port) });
