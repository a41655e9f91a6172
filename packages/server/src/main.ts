/** Environment -> configuration -> app -> signals. The only file that touches `process`. */
import process from 'node:process';
import { styleText } from 'node:util';
import { type App, startApp } from './app.ts';
import { type Config, parseConfig } from './config.ts';
import { createLifecycle, StartupError } from './platform/lifecycle.ts';
import { createLogger, isReadable, type Logger } from './platform/log.ts';

async function main(): Promise<void> {
  const config = parseConfig(process.env);
  const log = createLogger(config.log);
  const lifecycle = createLifecycle(log);
  void lifecycle.stopped.then(({ failed }) => process.exit(failed ? 1 : 0));
  // As often as they come: what is under way is not disturbed by another.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => void lifecycle.stop(signal));
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      // Nothing is known of the state any more: say what happened, save what can be saved, and let a supervisor restart.
      log.fatal({ err: error }, event);
      void lifecycle.fail(event);
    });
  }

  const started = performance.now();
  try {
    const app = await startApp(config, { log, lifecycle });
    // Gives back to the system what only the start needed, 30 MB, before anybody waits: 60 ms. It is there by --expose-gc.
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    if (!lifecycle.stopping) announce(log, config, app, performance.now() - started);
  } catch (error) {
    // Told to stop while starting: it fails for want of what has been stopped.
    if (lifecycle.stopping) return;
    complain(error);
    await lifecycle.fail('could not start');
  }
}

const MAIL: Record<App['parts']['mail'], (url: string) => string> = {
  smtp: () => 'sent through SMTP_URL',
  mailbox: (url) => `shown at ${url}/dev/mailbox`,
  off: () => 'off: no codes by mail, no forgotten passwords (set SMTP_URL)',
};

/** Says where it is and what is switched on: to people in a few lines, to programs as one line of the log. */
function announce(log: Logger, config: Config, app: App, ms: number): void {
  const url = config.http.publicUrl ?? app.url;
  const { parts } = app;
  if (!isReadable(config.log)) {
    log.info({ url, dataDir: config.dataDir, ...parts, mode: config.mode, readyMs: Math.round(ms) }, 'Confab is ready');
    return;
  }
  if (!log.isLevelEnabled('info')) return;
  const rows: [string, string][] = [
    ['Open', styleText('cyan', url)],
    ['Data', config.dataDir],
    ['Database', parts.database === 'embedded' ? 'embedded PostgreSQL' : 'external PostgreSQL (DATABASE_URL)'],
    ['Delivery', parts.bus === 'memory' ? 'in memory, one process' : 'Redis (REDIS_URL), several processes'],
    ['Mail', MAIL[parts.mail](url)],
    ['Web client', parts.webClient === 'built' ? 'on' : 'not built: npm run build'],
    ['Mode', config.mode],
  ];
  const table = rows.map(([name, value]) => `    ${name.padEnd(12)}${value}\n`).join('');
  const title = styleText('bold', 'Confab is ready');
  process.stdout.write(`\n  ${title} after ${(ms / 1000).toFixed(1)} s. Ctrl-C stops it.\n\n${table}\n`);
}

function complain(error: unknown): void {
  const line =
    error instanceof StartupError
      ? error.message
      : `Unexpected failure: ${String(error instanceof Error ? error.stack : error)}`;
  process.stderr.write(`confab: ${line}\n`);
}

main().catch((error: unknown) => {
  complain(error);
  process.exit(1);
});
