/**
 * `npm run seed`: demo people and rooms. Beside a server that runs on the same data directory it goes through that one;
 * otherwise it starts one for as long as it takes.
 */
import process from 'node:process';
import { startApp } from '../app.ts';
import { type Config, parseConfig } from '../config.ts';
import { runningServer } from '../platform/datadir.ts';
import { createLifecycle, type Lifecycle, StartupError } from '../platform/lifecycle.ts';
import { createLogger, type Logger } from '../platform/log.ts';
import { openAccounts } from '../tools.ts';
import { PASSWORD, people } from './demo/content.ts';
import { fillDemo } from './demo/fill.ts';

const NOT_IN_PRODUCTION = 'the password of the demo accounts is known to everybody: they are not for production';

async function main(): Promise<void> {
  const config = parseConfig(process.env);
  if (config.mode === 'production') throw new StartupError(`NODE_ENV is production, and ${NOT_IN_PRODUCTION}`);
  const log = createLogger({ ...config.log, level: 'warn' });
  const lifecycle = createLifecycle(log);
  void lifecycle.stopped.then(({ failed }) => process.exit(failed ? 1 : 0));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void lifecycle.fail(signal));

  try {
    const url = await findServer(config, log, lifecycle);
    const added = await fillDemo(url, async (username) => {
      const { commands } = await openAccounts(config, { log, lifecycle });
      await commands.grantRole(username, 'admin');
    });
    process.stdout.write(
      `Added ${added.people} people, ${added.rooms} rooms and ${added.messages} messages; what was there stays.\n` +
        `Sign in as ${people.alex.email} or ${people.sam.email} with the password ${PASSWORD}; ${people.noor.email} is admin.\n`,
    );
    await lifecycle.stop('done');
  } catch (error) {
    if (lifecycle.stopping) return;
    complain(error);
    await lifecycle.fail('could not seed');
  }
}

/** The address of the server that runs on the data directory or, when there is none, of one started here. */
async function findServer(config: Config, log: Logger, lifecycle: Lifecycle): Promise<string> {
  try {
    const http = { ...config.http, host: '127.0.0.1', port: 0 };
    return (await startApp({ ...config, http }, { log, lifecycle })).url;
  } catch (error) {
    const running = await runningServer(config.dataDir);
    if (!(error instanceof StartupError) || running === undefined) throw error;
    if (running.mode === 'production') {
      throw new StartupError(`The server at ${running.url} is in production, and ${NOT_IN_PRODUCTION}`);
    }
    return running.url;
  }
}

function complain(error: unknown): void {
  const line = error instanceof StartupError ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`confab: ${line}\n`);
}

main().catch((error: unknown) => {
  complain(error);
  process.exit(1);
});
