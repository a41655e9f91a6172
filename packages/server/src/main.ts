/** Environment -> configuration -> app -> signals. The only file that touches `process`. */
import process from 'node:process';
import { startApp } from './app.ts';
import { parseConfig } from './config.ts';
import { createLifecycle, StartupError } from './platform/lifecycle.ts';
import { createLogger, type Logger } from './platform/log.ts';

async function main(): Promise<void> {
  const config = parseConfig(process.env);
  const log = createLogger(config.log);
  const lifecycle = createLifecycle(log);
  let exitCode = 0;

  async function stop(reason: string): Promise<void> {
    await lifecycle.stop(reason);
    process.exit(exitCode);
  }
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      // Nothing is known of the state any more: say what happened, save what can be saved, and let a supervisor restart.
      log.fatal({ err: error }, event);
      exitCode = 1;
      void stop(event);
    });
  }

  try {
    const started = performance.now();
    const app = await startApp(config, { log, lifecycle });
    announce(log, app, config, performance.now() - started);
  } catch (error) {
    exitCode = 1;
    complain(error);
    await stop('could not start');
  }
}

function announce(
  log: Logger,
  app: { url: string; database: string },
  config: ReturnType<typeof parseConfig>,
  ms: number,
): void {
  log.info(
    {
      url: config.http.publicUrl ?? app.url,
      dataDir: config.dataDir,
      database: app.database,
      mode: config.mode,
      readyMs: Math.round(ms),
    },
    'Confab is ready',
  );
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
