/** Several nodes: real processes on one database and one Redis, on private ports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { inject } from 'vitest';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { fence } from './fence.ts';
import { LIMITS_OFF } from './limits.ts';
import type { Person } from './person.ts';
import { endWithTests, startRedis, type TestRedis } from './redis.ts';
import { newPerson, startServer, type TestServer } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Nodes of a `startWorld`. */
    nodes?: number;
    /** The world of all who join one. */
    world?: { urls: readonly [string, ...string[]]; databaseUrl: string };
  }
}

const PROGRAM = join(import.meta.dirname, '../src/main.ts');
/** What Node has compiled, kept where `npm start` keeps it. */
const COMPILE_CACHE = join(import.meta.dirname, '../../../node_modules/.cache/confab');

/** Short enough for tests to wait for its end, and longer than a living node is kept from renewing it on a busy machine. */
export const SHORT_LEASE = { PRESENCE_LEASE: '3' };

/** What tests need of a deployment, however many nodes it has. */
export type World = Pick<TestServer, 'databaseUrl' | 'person' | 'settle' | 'stop'>;

export interface Nodes extends World, Pick<TestServer, 'logged'> {
  readonly urls: readonly [string, string, ...string[]];
  readonly redis: TestRedis;
  /** As `kill -9`. */
  kill(i: number): Promise<void>;
}

/**
 * One node in this process; in the vitest project `two nodes`, two processes. There people’s calls and connections go to
 * each in turn, and what one node did arrives at the other a little later.
 */
export function startWorld(env: Record<string, string> = {}): Promise<World> {
  return nodeCount() === 1 ? startServer(env) : startNodes(nodeCount(), env);
}

/**
 * As `startWorld`, for files that look at nothing but what their own people do. In `two nodes` they are all in one world:
 * two processes take longer to start than such a file to run.
 */
export async function joinWorld(): Promise<World> {
  const world = inject('world');
  if (world === undefined) return startServer();
  const { person, settle, close } = peopleOf(world.urls, world.databaseUrl);
  return { databaseUrl: world.databaseUrl, person, settle, stop: async () => close() };
}

/** How many nodes `startWorld` starts. */
export function nodeCount(): number {
  return inject('nodes') ?? 1;
}

/**
 * Resolves when all are ready.
 * @param count 2 or more
 * @param env settings as environment variables, over those of a test
 */
export async function startNodes(
  count: number,
  env: Record<string, string> = {},
  created: Promise<TestDatabase> = createTestDatabase(),
): Promise<Nodes> {
  const [database, redis, dir] = await Promise.all([created, startRedis(), mkdtemp(join(tmpdir(), 'confab-nodes-'))]);
  const nodes = Array.from({ length: count }, (_, i) =>
    launch({
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      NODE_ENV: 'test',
      PORT: '0',
      DATA_DIR: join(dir, String(i)),
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      SECRET_KEY: 'a secret of tests, of 32 characters',
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'json',
      ...LIMITS_OFF,
      ...env,
    }),
  );
  const logged = () => nodes.map((node) => node.logged()).join('');

  let people: People | undefined;
  async function stop(): Promise<void> {
    people?.close();
    await Promise.all(nodes.map((node) => node.end('SIGTERM')));
    await Promise.all([redis.stop(), database.drop(), rm(dir, { recursive: true, force: true })]);
  }

  try {
    const [first = '', second = '', ...others] = await Promise.all(nodes.map((node) => node.ready));
    const urls: Nodes['urls'] = [first, second, ...others];
    const { person, settle } = (people = peopleOf(urls, database.url));
    return {
      urls,
      databaseUrl: database.url,
      redis,
      logged,
      person,
      settle,
      kill: async (i) => nodes[i]?.end('SIGKILL'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface People extends Pick<World, 'person' | 'settle'> {
  /** Ends their connections. */
  close: () => void;
}

function peopleOf(urls: readonly [string, ...string[]], databaseUrl: string): People {
  const people: Person[] = [];
  const person: World['person'] = async (username, role) => {
    const one = await newPerson(urls, databaseUrl, username, role);
    people.push(one);
    return one;
  };
  let settle: Promise<() => Promise<void>> | undefined;
  return {
    person,
    async settle() {
      settle ??= person('fence').then((by) => fence(by, urls));
      await (
        await settle
      )();
    },
    close: () => {
      for (const one of people) one.close();
    },
  };
}

interface Node {
  /** Its address; rejects when it ends instead. */
  ready: Promise<string>;
  logged(): string;
  /** Sends the signal, unless it ended already, and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
}

function launch(env: Record<string, string>): Node {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  endWithTests(child);
  const ended = once(child, 'exit');
  const { promise: ready, resolve, reject } = Promise.withResolvers<string>();
  let said = '';
  let isReady = false;
  const hear = (text: string) => {
    said += text;
    if (isReady) return;
    const line = said.split('\n').find((one) => one.includes('"msg":"Confab is ready"'));
    if (line === undefined) return;
    isReady = true;
    resolve((JSON.parse(line) as { url: string }).url);
  };
  child.stdout?.setEncoding('utf8').on('data', hear);
  child.stderr?.setEncoding('utf8').on('data', hear);
  child.once('error', reject);
  child.once('exit', () => reject(new Error(`a node ended: ${said}`)));
  return {
    ready,
    logged: () => said,
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
  };
}
