import { type Message, type SignedIn } from '@confab/protocol';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { io } from 'socket.io-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startEmbeddedPostgres } from '../packages/server/src/platform/db/embedded.ts';
import { createLogger } from '../packages/server/src/platform/log.ts';
import { createEmptyDatabase } from '../packages/server/test/database.ts';
import { LIMITS_OFF } from '../packages/server/test/limits.ts';
import { call, connect, type Connected, Refusal } from '../packages/server/test/person.ts';
import { history, signUp } from './support/people.ts';
import { type Launched, launch, startServer, tempDataDir } from './support/server-process.ts';
import { checkoutFor, isRoot, ordinaryUser } from './support/users.ts';

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Signs in by socket. */
async function connected(url: string, { accessToken }: SignedIn): Promise<Connected> {
  const socket = io(url, { auth: { token: accessToken }, transports: ['websocket'], reconnection: false });
  onTestFinished(() => void socket.disconnect());
  const person = connect(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return person;
}

describe.each([['an ordinary user', ordinaryUser] as const, ...(isRoot ? [['root', undefined] as const] : [])])(
  'as %s',
  (_name, user) => {
    test('the first start ends with one line that tells where it is and what is on, and the second finds everything again', async () => {
      const root = await checkoutFor(user);
      const dataDir = await tempDataDir(user);
      const first = await startServer({ dataDir, user, root });
      expect(await first.logged('Confab is ready')).toMatchObject({
        level: 'info',
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
        dataDir,
        database: 'embedded',
        bus: 'memory',
        webClient: expect.stringMatching(/^(?:built|missing)$/) as string,
        mode: 'development',
      });
      const me = await signUp(first.url);
      const { room } = await call(first.url, me.accessToken, 'createRoom', { body: { name: 'Kept' } });
      expect(await first.end('SIGTERM')).toEqual({ code: 0, signal: null });
      expect(first.stderr()).toBe('');

      const second = await startServer({ dataDir, user, root });
      const { rooms } = await call(second.url, me.accessToken, 'rooms', { query: {} });
      expect(rooms.map((summary) => summary.room.id)).toEqual([room.id]);
      expect(await second.end('SIGTERM')).toEqual({ code: 0, signal: null });
    });
  },
);

test('to people the end of the start is told in a few lines', async () => {
  const dataDir = await tempDataDir();
  const server = launch({ dataDir, env: { LOG_FORMAT: 'pretty', PUBLIC_URL: 'https://chat.example.com' } });
  await expect.poll(() => server.stdout(), { timeout: 60_000 }).toContain('Mode');
  const banner = server.stdout().slice(server.stdout().indexOf('Confab is ready'));
  for (const fact of ['https://chat.example.com', dataDir, 'embedded PostgreSQL', 'development']) {
    expect(banner).toContain(fact);
  }
});

/** It ended with code 1 and one line on standard error. */
async function complaint(launched: Launched): Promise<string> {
  expect(await launched.exited).toEqual({ code: 1, signal: null });
  expect(launched.stderr()).toMatch(/^confab: [^\n]+\n$/);
  return launched.stderr().slice('confab: '.length, -1);
}

describe.concurrent('what keeps it from starting is told in one line', () => {
  test('a port in use', async ({ onTestFinished: over }) => {
    const other = createServer().listen(0, '127.0.0.1');
    over(async () => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const dataDir = await tempDataDir(undefined, over);
    const line = await complaint(launch({ dataDir, env: { PORT: String(port) }, over }));
    expect(line).toBe(`127.0.0.1:${port} is in use by another program; set PORT`);
    expect(await exists(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
  });

  test('an address that is not of this machine', async ({ onTestFinished: over }) => {
    const line = await complaint(
      launch({ dataDir: await tempDataDir(undefined, over), env: { HOST: '192.0.2.1' }, over }),
    );
    expect(line).toMatch(/^Cannot listen on 192\.0\.2\.1:0 \(EADDRNOTAVAIL\); check HOST and PORT$/);
  });

  test('a file where the data directory should be', async ({ onTestFinished: over }) => {
    const dataDir = await tempDataDir(undefined, over);
    await writeFile(dataDir, '');
    const line = await complaint(launch({ dataDir, over }));
    expect(line).toBe(`The data directory ${dataDir} is not writable (EEXIST); set DATA_DIR to one that is`);
  });

  test('a data directory that is closed to the user', async ({ onTestFinished: over }) => {
    const dataDir = await tempDataDir(undefined, over);
    await mkdir(dataDir);
    // Owned by root or, where this is an ordinary user, closed to its owner.
    await chmod(join(dataDir, '..'), 0o755);
    await chmod(dataDir, 0o555);
    const root = await checkoutFor(ordinaryUser, over);
    const line = await complaint(launch({ dataDir, user: ordinaryUser, root, over }));
    expect(line).toBe(`The data directory ${dataDir} is not writable (EACCES); set DATA_DIR to one that is`);
  });

  test('a data directory that another running instance uses, which goes on', async ({ onTestFinished: over }) => {
    const dataDir = await tempDataDir(undefined, over);
    const first = await startServer({ dataDir, over });
    const line = await complaint(launch({ dataDir, over }));
    expect(line).toBe(`The data directory ${dataDir} is in use by another running instance`);
    expect((await call(first.url, undefined, 'health', {})).status).toBe('ok');
  });

  test('a database that cannot be reached', async ({ onTestFinished: over }) => {
    // No system gives out the first port, so that nobody listens there by chance.
    const launched = launch({
      dataDir: await tempDataDir(undefined, over),
      env: { DATABASE_URL: 'postgres://confab:hunter22@127.0.0.1:1/chat' },
      over,
    });
    expect(await complaint(launched)).toBe(
      'The database chat on 127.0.0.1:1 cannot be reached (ECONNREFUSED); check DATABASE_URL',
    );
    expect(launched.stdout() + launched.stderr()).not.toContain('hunter22');
  });

  test('a database that does not exist', async ({ onTestFinished: over }) => {
    const database = await createEmptyDatabase();
    await database.drop();
    const line = await complaint(
      launch({ dataDir: await tempDataDir(undefined, over), env: { DATABASE_URL: database.url }, over }),
    );
    expect(line).toMatch(/^The database test_\w+ on \S+ does not exist; create the database or check DATABASE_URL$/);
  });

  test('a wrong password of the database', async ({ expect, onTestFinished: over }) => {
    const log = createLogger({ level: 'silent', format: 'json' });
    const own = await tempDataDir(undefined, over);
    await mkdir(own);
    const postgres = await startEmbeddedPostgres({ dataDir: own, log });
    over(() => postgres.stop());
    const rules = join(own, 'postgres', 'pg_hba.conf');
    await writeFile(rules, `local all stranger scram-sha-256\n${await readFile(rules, 'utf8')}`);
    const owner = new pg.Client({ connectionString: postgres.url });
    await owner.connect();
    await owner.query("CREATE ROLE stranger LOGIN PASSWORD 'the right one'");
    await owner.query('SELECT pg_reload_conf()');
    await owner.end();

    const url = new URL(postgres.url);
    url.searchParams.set('user', 'stranger');
    url.searchParams.set('password', 'hunter22');
    // The rules are read again a little after it was asked for.
    await expect
      .poll(async () => {
        const stranger = new pg.Client({ connectionString: url.href });
        await stranger.connect().catch(() => undefined);
        const { rows } = await stranger.query('SELECT 1').catch(() => ({ rows: [] }));
        await stranger.end().catch(() => undefined);
        return rows;
      })
      .toEqual([]);
    const launched = launch({ dataDir: await tempDataDir(undefined, over), env: { DATABASE_URL: url.href }, over });
    expect(await complaint(launched)).toMatch(/ refused the user or password; check DATABASE_URL$/);
    expect(launched.stdout() + launched.stderr()).not.toContain('hunter22');
  });

  test('wrong values of the configuration, all at once', async ({ onTestFinished: over }) => {
    const env = { PORT: '99999', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://x', CONFAB_PORT: '1', MAX_CONNECTIONS: '0' };
    const line = await complaint(launch({ dataDir: await tempDataDir(undefined, over), env, over }));
    expect(line).toMatch(/^Wrong configuration: /);
    for (const name of Object.keys(env)) expect(line).toContain(`${name} `);
  });
});

describe.each(['SIGTERM', 'SIGINT'] as const)('%s during sends', (signal) => {
  test('loses nothing that was acknowledged, says goodbye to sockets, ends PostgreSQL last, and is not disturbed by a second one', async () => {
    const dataDir = await tempDataDir();
    const server = await startServer({ dataDir, env: { LOG_LEVEL: 'debug', ...LIMITS_OFF } });
    const me = await signUp(server.url);
    const { room } = await call(server.url, me.accessToken, 'createRoom', { body: { name: 'Busy' } });
    const roomId = room.id;
    const acked = new Map<string, Message>();
    const refusals = new Set<string>();
    const live = await connected(server.url, me);

    const enough = Promise.withResolvers<void>();
    function note(message: Message): void {
      acked.set(message.clientId, message);
      if (acked.size === 200) enough.resolve();
    }
    // Each goes on until the server refuses.
    async function sender(send: (input: { clientId: string; body: string }) => Promise<Message>): Promise<void> {
      for (let i = 0; ; i += 1) {
        const clientId = randomUUID();
        try {
          note(await send({ clientId, body: `message ${i}` }));
        } catch (error) {
          if (error instanceof Refusal) refusals.add(error.body.code);
          return;
        }
      }
    }
    const overRest = (body: { clientId: string; body: string }) =>
      call(server.url, me.accessToken, 'sendMessage', { params: { roomId }, body });
    const overSocket = async (body: { clientId: string; body: string }) => {
      // A client that is not connected would keep it for later.
      if (!live.socket.connected) throw new Error('not connected');
      return live.ask('message:send', { roomId, ...body });
    };
    const senders = Array.from({ length: 8 }, (_, i) => sender(i % 2 === 0 ? overRest : overSocket));
    await enough.promise;
    server.process.kill(signal);
    await server.logged('stopping');
    server.process.kill('SIGINT');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    await Promise.all(senders);
    expect([...refusals]).toEqual(refusals.size === 0 ? [] : ['unavailable']);
    expect(server.stderr()).toBe('');
    await expect.poll(() => live.socket.connected).toBe(false);
    expect(live.events.at(-1)).toEqual({ event: 'session:ended', payload: { reason: 'shutdown' } });
    // PostgreSQL ended cleanly, and by its own word after everything else.
    expect(await exists(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
    expect(server.log().at(-1)?.['postgres']).toContain('database system is shut down');
    expect(server.log().filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);

    const next = await startServer({ dataDir });
    const stored = await history(next.url, me, roomId);
    expect(stored.map((message) => message.n)).toEqual(stored.map((_, i) => i + 1));
    const byClientId = new Map(stored.map((message) => [message.clientId, message]));
    expect(byClientId.size).toBe(stored.length);
    for (const message of acked.values()) expect(byClientId.get(message.clientId)).toEqual(message);
  });
});

test.each(['creating the database', 'database migrated'])(
  'a stop asked for while it starts (%s) leaves nothing running and nothing broken',
  async (moment) => {
    const dataDir = await tempDataDir();
    const starting = launch({ dataDir });
    await starting.logged(moment);
    starting.process.kill('SIGTERM');
    expect(await starting.exited).toEqual({ code: 0, signal: null });
    expect(starting.stderr()).toBe('');
    expect(await exists(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
    const server = await startServer({ dataDir });
    await signUp(server.url);
  },
);

describe('npm start', () => {
  test.each([
    ['SIGTERM to npm', (pid: number) => process.kill(pid, 'SIGTERM')],
    ['an interrupt typed at the terminal', (pid: number) => process.kill(-pid, 'SIGINT')],
  ])('%s ends the server in order', async (_title, end) => {
    const dataDir = await tempDataDir();
    const server = await startServer({ dataDir, env: { LOG_LEVEL: 'debug' }, command: ['npm', 'start'] });
    expect((await call(server.url, undefined, 'health', {})).status).toBe('ok');
    end(server.pid);
    await server.exited;
    expect(server.log().at(-1)?.['postgres']).toContain('database system is shut down');
    await expect(call(server.url, undefined, 'health', {})).rejects.toThrow('fetch failed');
  });
});
