/** The whole server, in this process, on a database of its own. */
import { randomUUID } from 'node:crypto';
import type { Role } from '@confab/protocol';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../src/app.ts';
import { parseConfig } from '../src/config.ts';
import type { Clock } from '../src/platform/clock.ts';
import { createLifecycle } from '../src/platform/lifecycle.ts';
import { createLogger } from '../src/platform/log.ts';
import { createTestDatabase, giveRole } from './database.ts';
import { LIMITS_OFF } from './limits.ts';
import { Person } from './person.ts';

export interface TestServer {
  url: string;
  databaseUrl: string;
  /** Everything logged so far, one JSON object a line. */
  logged: () => string;
  /** A new account, signed in. `username` is made unique; a guest is given another. */
  person(username?: string, role?: Role): Promise<Person>;
  /** Runs the jobs that are due by the given clock. */
  runDueJobs: () => Promise<void>;
  /** Runs the periodic tasks that are due by the given clock. */
  runDueTasks: () => Promise<void>;
  /**
   * Resolves once everything answered before has been told to every node, which then writes it to its connections ahead of
   * any later answer. At once where there is one node.
   */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * With a clock given, jobs run only by `runDueJobs`.
 * @param env settings as environment variables, over those of a test
 */
export async function startServer(
  env: Record<string, string> = {},
  options: { clock?: Clock; databaseUrl?: string } = {},
): Promise<TestServer> {
  const database = options.databaseUrl === undefined ? await createTestDatabase() : undefined;
  const databaseUrl = options.databaseUrl ?? database?.url ?? '';
  const dataDir = await mkdtemp(join(tmpdir(), 'confab-test-'));
  let text = '';
  const config = parseConfig({
    NODE_ENV: 'test',
    PORT: '0',
    DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    SECRET_KEY: 'a secret of tests, of 32 characters',
    LOG_LEVEL: 'debug',
    ...LIMITS_OFF,
    ...env,
  });
  const log = createLogger({ ...config.log, format: 'json' }, { write: (line) => void (text += line) });
  const lifecycle = createLifecycle(log);
  const people: Person[] = [];

  async function stop(): Promise<void> {
    await lifecycle.stop('test over');
    for (const person of people) person.close();
    await rm(dataDir, { recursive: true, force: true });
    await database?.drop();
  }

  try {
    const app = await startApp(config, {
      log,
      lifecycle,
      ...(options.clock === undefined ? {} : { clock: options.clock, jobsRun: 'on demand' }),
    });
    return {
      url: app.url,
      databaseUrl,
      logged: () => text,
      runDueJobs: () => app.runDueJobs(),
      runDueTasks: () => app.runDueTasks(),
      settle: () => Promise.resolve(),
      async person(username, role) {
        const person = await newPerson([app.url], databaseUrl, username, role);
        people.push(person);
        return person;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Someone of that role, with a name of their own. */
export async function newPerson(
  urls: readonly [string, ...string[]],
  databaseUrl: string,
  username = 'person',
  role: Role = 'user',
): Promise<Person> {
  if (role === 'guest') return Person.guest(urls);
  const person = await Person.signUp(urls, `${username}${randomUUID().slice(0, 8)}`);
  if (role !== 'user') await giveRole(databaseUrl, person.id, role);
  return person;
}
