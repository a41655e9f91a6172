import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '../packages/server/test/database.ts';
import { call, Person, signIn } from '../packages/server/test/person.ts';
import { blank } from '../packages/server/test/pictures.ts';
import { startRedis } from '../packages/server/test/redis.ts';
import { runningServer } from '../packages/server/src/platform/datadir.ts';
import { launch, type Over, ROOT, type ServerProcess, startServer, tempDataDir } from './support/server-process.ts';

const NODE = join(ROOT, 'node_modules/node/bin/node');
const PROGRAM = join(ROOT, 'packages/server/src/cli/confab.ts');
const EACH = join(ROOT, 'e2e/support/each.ts');
const PASSWORD = 'correct horse battery';
/** For the fast repetition of tests. */
const NO_LIMITS = Object.fromEntries(
  ['API', 'SIGN_IN', 'SIGN_IN_ACCOUNT', 'SIGN_IN_ADDRESS', 'SIGN_UP'].map((name) => [`RATE_LIMIT_${name}`, 'off']),
);

interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** @param input what is piped in; nothing unless told */
async function confab(
  dataDir: string,
  args: readonly string[],
  { env = {}, input, over = onTestFinished }: { env?: Record<string, string>; input?: string; over?: Over } = {},
): Promise<Ran> {
  const command = [NODE, PROGRAM, ...args] as [string, ...string[]];
  const launched = launch({
    dataDir,
    env: { ...env, INPUT: input ?? '' },
    command: input === undefined ? command : ['sh', '-c', 'printf "%s" "$INPUT" | "$@"', 'sh', ...command],
    over,
  });
  const { code } = await launched.exited;
  return { code, stdout: launched.stdout(), stderr: launched.stderr() };
}

/** What comes of each of these arguments, without data: in one process, for loading the program takes longest. */
async function confabs(lists: readonly (readonly string[])[]): Promise<Ran[]> {
  const command = [NODE, EACH, PROGRAM, JSON.stringify(lists)] as const;
  const launched = launch({ dataDir: '/nonexistent/data', command, over: () => undefined });
  expect(await launched.exited, launched.stderr()).toEqual({ code: 0, signal: null });
  return JSON.parse(launched.stdout()) as Ran[];
}

const ONE_LINE = /^confab: [^\n]+\n$/;

function admin(username: string): string[] {
  return ['create-admin', '--email', `${username}@example.com`, '--username', username];
}

async function query<T extends pg.QueryResultRow>(url: string, sql: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

async function serverWithOwner(
  env: Record<string, string> = {},
  over: Over = onTestFinished,
): Promise<{ server: ServerProcess; owner: Person }> {
  const dataDir = await tempDataDir(undefined, over);
  const server = await startServer({ dataDir, env: { ...NO_LIMITS, ...env }, over });
  const made = await confab(dataDir, admin('the.boss'), { input: `${PASSWORD}\n`, env, over });
  expect(made).toEqual({ code: 0, stdout: 'Created the.boss, owner.\n', stderr: '' });
  return { server, owner: await Person.signIn(server.url, 'the.boss@example.com', PASSWORD) };
}

describe('beside a running server', () => {
  let server: ServerProcess;
  let owner: Person;
  beforeAll(async () => {
    const ends: (() => Promise<void>)[] = [];
    ({ server, owner } = await serverWithOwner({}, (done) => void ends.push(done)));
    return async () => {
      for (const end of ends.toReversed()) await end();
    };
  });

  test('the first administrator is owner, the next is admin; each can sign in at once', async () => {
    expect(owner.signedIn.user).toMatchObject({ role: 'owner', username: 'the.boss', emailVerified: true });
    const { dataDir } = server;
    const next = await confab(dataDir, [...admin('next.one'), '--name', 'Next One', '--generate']);
    expect(next).toMatchObject({ code: 0, stderr: '' });
    const [, password = ''] = /^Created next\.one, admin\.\nPassword: (\S{22})\n$/.exec(next.stdout) ?? [];
    const { user } = await signIn(server.url, { email: 'next.one@example.com', password });
    expect(user).toMatchObject({ role: 'admin', name: 'Next One' });

    const refused: [string[], string, string][] = [
      [admin('the.boss'), PASSWORD, 'taken'],
      [
        ['create-admin', '--email', 'the.boss@example.com', '--username', 'other'],
        PASSWORD,
        'email belongs to another',
      ],
      [admin('short'), 'short', 'password'],
      [admin('common'), 'password123', 'password'],
      [admin('Not A Name'), PASSWORD, 'username'],
      [admin('empty'), '', 'no password'],
    ];
    await Promise.all(
      refused.map(async ([args, input, why]) => {
        const { code, stdout, stderr } = await confab(dataDir, args, { input });
        expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: '' });
        expect(stderr).toMatch(ONE_LINE);
        expect(stderr).toContain(why);
      }),
    );
  });

  test('lounges and their rooms are opened, changed and closed there within seconds', async () => {
    const { dataDir, url } = server;
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await confab(dataDir, args);
      expect({ code, stderr }, args.join(' ')).toEqual({ code: 0, stderr: '' });
      return stdout;
    };
    const picture = join(dataDir, 'picture.png');
    await writeFile(picture, blank(9, 9));
    const garden = ['--name', 'Garden', '--rules', 'Be kind.', '--picture', picture];
    const loungeId = (await run('lounges', 'create', ...garden)).trim();
    const room = ['--lounge', loungeId, '--language', 'de', '--capacity', '30'];
    const roomId = (await run('rooms', 'create', ...room)).trim();
    expect(await run('lounges', 'list')).toMatch(new RegExp(`${loungeId} +Garden +guest +write +no +0 +1\n`));
    const lounges = async () => (await call(url, undefined, 'lounges', {})).lounges;
    await expect
      .poll(async () => (await lounges()).map(({ name, rooms }) => [name, rooms.map((one) => one.room.name)]))
      .toEqual([['Garden', ['Deutsch']]]);
    expect((await fetch(`${url}${(await lounges())[0]?.picture}`)).status).toBe(200);
    const guest = await Person.guest([url]);
    await guest.call('joinRoom', { params: { roomId } });
    expect(await run('rooms', 'list', '--lounge', loungeId)).toMatch(/Deutsch +de +1 of 30/);
    await run('lounges', 'update', '--lounge', loungeId, '--guests', 'none', '--no-picture');
    expect((await guest.call('rooms', { query: {} })).rooms).toEqual([]);
    const named = ['--lounge', loungeId, '--room', roomId];
    const fields = ['--name', 'Plauderei', '--topic', 'Alles', '--capacity', '5', '--slow-mode', '10'];
    expect(await run('rooms', 'update', ...named, ...fields)).toBe('Plauderei is changed.\n');
    await expect
      .poll(async () => (await lounges())[0])
      .toMatchObject({
        picture: null,
        rooms: [{ room: { name: 'Plauderei', topic: 'Alles', lounge: { capacity: 5 }, moderation: { slowMode: 10 } } }],
      });
    const { entries } = await owner.call('moderationLog', { query: { roomId } });
    expect(entries.map(({ action, actorId }) => [action, actorId])).toEqual([
      ['room.moderated', null],
      ['language_room.resized', null],
      ['room.changed', null],
      ['language_room.opened', null],
    ]);
    await run('rooms', 'delete', '--lounge', loungeId, '--room', roomId);
    await run('lounges', 'delete', '--lounge', loungeId);
    await expect.poll(lounges).toEqual([]);

    const refused: [string[], number, string][] = [
      [['lounges', 'delete', '--lounge', loungeId], 1, 'there is no such'],
      [['lounges', 'create', '--topic', 'Nameless'], 1, 'name is required'],
      [['lounges', 'update'], 2, '--lounge is missing'],
      [['lounges', 'open'], 2, 'none of'],
      [['rooms', 'create', '--lounge', loungeId, '--language', '!'], 1, 'language must be'],
      [['rooms', 'update', ...named, '--capacity', '9', '--language', 'en'], 2, '--language is for rooms create'],
      [['rooms', 'update', ...named], 2, 'nothing to change'],
      [['rooms', 'update', ...named, '--slow-mode', 'much'], 1, 'slowMode must be'],
      [['lounges', 'create', '--name', 'Shed', '--picture', join(dataDir, 'nowhere')], 1, 'could not be read'],
      [['lounges', 'create', '--name', 'Shed', '--picture', PROGRAM], 1, 'picture must be a whole PNG'],
      [['lounges', 'update', '--lounge', loungeId, '--picture', picture, '--no-picture'], 2, 'exclude each other'],
    ];
    await Promise.all(
      refused.map(async ([args, code, why]) => {
        const ran = await confab(dataDir, args);
        expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(why) as string });
        expect(ran.stderr).toMatch(ONE_LINE);
      }),
    );
  });

  test('roles, sessions, passwords and keys change there within seconds, and all of it is audited without an actor', async () => {
    const { dataDir, url } = server;
    const person = await Person.signUp([url], 'someone');
    await expect(person.call('accounts', { query: {} })).rejects.toMatchObject({ body: { code: 'forbidden' } });
    expect(await confab(dataDir, ['grant-role', 'someone', 'admin'])).toEqual({
      code: 0,
      stdout: 'someone is admin.\n',
      stderr: '',
    });
    await expect
      .poll(() =>
        person.call('accounts', { query: {} }).then(
          () => 'may',
          () => 'may not',
        ),
      )
      .toBe('may');

    const listed = await confab(dataDir, ['list-sessions', 'someone']);
    expect(listed.stdout).toMatch(/^LAST USED +BEGUN +BY +ADDRESS +DEVICE\n\S+Z  \S+Z  sign_up +\S+  .*\n$/);
    const { socket } = await person.connect();
    const cut = new Promise((resolve) => socket.once('disconnect', resolve));
    const ended = await confab(dataDir, ['end-sessions', 'someone']);
    expect(ended.stdout).toBe('someone was signed out of 1 session.\n');
    await cut;
    await expect
      .poll(() =>
        person.call('profile', {}).then(
          () => 200,
          (error: { status: number }) => error.status,
        ),
      )
      .toBe(401);
    expect((await confab(dataDir, ['list-sessions', 'someone'])).stdout).toBe('someone is not signed in anywhere.\n');

    const given = await confab(dataDir, ['reset-password', 'someone', '--password'], { input: 'a new good password' });
    expect(given).toMatchObject({ code: 0, stderr: '' });
    await signIn(url, { email: 'someone@example.com', password: 'a new good password' });
    // Nobody has proven this address: a link would prove it to whoever uses it.
    const refused = await confab(dataDir, ['reset-password', 'someone']);
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(ONE_LINE) as string });
    const link = await confab(dataDir, ['reset-password', 'the.boss']);
    const [, token = ''] = new RegExp(`^${url}/reset-password#token=([\\w-]{43})\n$`).exec(link.stdout) ?? [];
    await call(url, undefined, 'resetPassword', { body: { token, password: 'set by a link' } });
    const again = await signIn(url, { email: 'the.boss@example.com', password: 'set by a link' });

    const rotated = await confab(dataDir, ['rotate-keys']);
    expect(rotated).toMatchObject({ code: 0, stderr: '' });
    expect(rotated.stdout).toMatch(/signs access tokens.*\n.*seals data/);
    expect((await confab(dataDir, ['rotate-keys', '--signing'])).stdout).not.toContain('seals');
    expect((await confab(dataDir, ['rotate-keys', '--data'])).stdout).not.toContain('signs');
    expect(await call(url, again.accessToken, 'profile', {})).toMatchObject({ id: owner.id });
    expect(await confab(dataDir, ['migrate'])).toEqual({
      code: 0,
      stdout: 'The database is up to date.\n',
      stderr: '',
    });

    const { entries } = await call(url, again.accessToken, 'audit', { query: {} });
    const byNobody = entries
      .filter(({ actorId }) => actorId === null)
      .map(({ action, targetId }) => [action, targetId]);
    for (const entry of [
      ['account.created', owner.id],
      ['role.changed', person.id],
      ['account.signed_out', person.id],
      ['password.reset', person.id],
      ['password.reset_asked', owner.id],
      ['keys.rotated', null],
    ]) {
      expect(byNobody).toContainEqual(entry);
    }
  });

  test('the only owner stays owner; nobody becomes a guest; who is nobody is not found', async () => {
    await Person.signUp([server.url], 'plain');
    const refused: [string[], string][] = [
      [['grant-role', 'the.boss', 'user'], 'only owner'],
      [['grant-role', 'plain', 'guest'], 'guests'],
      [['grant-role', 'plain', 'king'], 'role'],
      [['grant-role', 'no.one', 'admin'], 'nobody'],
      [['reset-password', 'no.one'], 'nobody'],
      [['list-sessions', 'no.one'], 'nobody'],
      [['end-sessions', 'no.one'], 'nobody'],
    ];
    await Promise.all(
      refused.map(async ([args, why]) => {
        const { code, stdout, stderr } = await confab(server.dataDir, args);
        expect({ code, stdout }, args.join(' ')).toEqual({ code: 1, stdout: '' });
        expect(stderr).toMatch(ONE_LINE);
        expect(stderr).toContain(why);
      }),
    );
  });

  test('with another database and Redis, what changes is told to its nodes', async () => {
    const database = await createTestDatabase();
    const redis = await startRedis();
    onTestFinished(async () => {
      await redis.stop();
      await database.drop();
    });
    const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
    const { server: other, owner: boss } = await serverWithOwner(env);
    const { socket } = await boss.connect();
    const cut = new Promise((resolve) => socket.once('disconnect', resolve));
    expect(await confab(other.dataDir, ['end-sessions', 'the.boss'], { env })).toMatchObject({ code: 0, stderr: '' });
    await cut;
    // Elsewhere the address of the database is not told: it may hold a password.
    expect((await runningServer(other.dataDir))?.database).toBeNull();
    const without = await confab(other.dataDir, ['end-sessions', 'the.boss']);
    expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining('DATABASE_URL') as string });
    await other.end('SIGTERM');
  });
});

describe('without a server', () => {
  test('the database inside runs for as long as it takes, and a server finds what was done', async () => {
    const dataDir = await tempDataDir();
    const missing = await confab(dataDir, ['migrate', '--check']);
    expect(missing).toMatchObject({ code: 1, stderr: '' });
    expect(missing.stdout).toContain('missing  accounts/0001_accounts\n');
    const applied = await confab(dataDir, ['migrate']);
    expect(applied).toMatchObject({ code: 0, stderr: '' });
    expect(applied.stdout).toBe(missing.stdout.replaceAll('missing', 'applied'));
    expect(await confab(dataDir, ['migrate', '--check'])).toMatchObject({ code: 0 });

    const command = ['npm', 'run', '--silent', 'confab', '--', ...admin('by.npm'), '--generate'] as const;
    const launched = launch({ dataDir, command });
    expect(await launched.exited).toEqual({ code: 0, signal: null });
    const [, password = ''] = /Password: (\S+)/.exec(launched.stdout()) ?? [];
    const healthy = await confab(dataDir, ['doctor']);
    expect(healthy, healthy.stdout).toMatchObject({ code: 0, stderr: '' });
    const server = await startServer({ dataDir });
    expect((await signIn(server.url, { email: 'by.npm@example.com', password })).user.role).toBe('owner');
  });
});

describe('wrong usage is answered with exit code 2 and one line, and nothing is opened', () => {
  const wrong = [
    ['nonsense'],
    ['--nonsense'],
    ['create-admin'],
    ['create-admin', '--email', 'a@example.com'],
    ['create-admin', '--email'],
    ['create-admin', '--nonsense'],
    ['create-admin', 'surplus', '--email', 'a@example.com', '--username', 'abc'],
    ['grant-role'],
    ['grant-role', 'one'],
    ['grant-role', 'one', 'admin', 'surplus'],
    ['reset-password'],
    ['reset-password', 'one', '--password=secret'],
    ['list-sessions'],
    ['end-sessions'],
    ['rotate-keys', '--all'],
    ['migrate', 'now'],
    ['doctor', '--fix'],
  ];
  let answers: Ran[];
  beforeAll(async () => {
    answers = await confabs(wrong);
  });

  test.for(wrong.map((args, i) => [args, i] as const))('%j', ([, i]) => {
    expect(answers[i]).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(ONE_LINE) as string });
  });

  test('without a command it says which there are; --help is no mistake', async () => {
    const bare = await confab('/nonexistent/data', []);
    expect(bare).toMatchObject({ code: 2, stdout: '' });
    const help = await confab('/nonexistent/data', ['--help']);
    expect(help).toEqual({ code: 0, stdout: bare.stderr, stderr: '' });
    const names = [...help.stdout.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name = '']) => name);
    expect(names.toSorted()).toEqual([
      'audit',
      'create-admin',
      'doctor',
      'end-sessions',
      'grant-role',
      'list-sessions',
      'lounges',
      'migrate',
      'reset-password',
      'rooms',
      'rotate-keys',
    ]);
    const each = await confabs(names.map((name) => [name, '--help']));
    for (const [i, name] of names.entries()) {
      expect(each[i]).toMatchObject({ code: 0, stderr: '' });
      expect(each[i]?.stdout).toMatch(new RegExp(`^Usage: npm run confab -- ${name}`));
    }
  });
});

describe('the doctor', () => {
  const closed = '127.0.0.1:1';

  test('finds nothing where all is well; what was planted it finds, with how to mend it, and tells no password', async () => {
    const dataDir = await tempDataDir();
    const server = await startServer({ dataDir });
    const database = (await runningServer(dataDir))?.database ?? '';
    const healthy = await confab(dataDir, ['doctor']);
    expect(healthy, healthy.stdout).toMatchObject({ code: 0, stderr: '' });
    for (const about of ['configuration', 'database', 'durability', 'clock', 'migrations', 'secret', 'disk', 'mail']) {
      expect(healthy.stdout).toContain(`ok       ${about}: `);
    }
    expect(healthy.stdout).toContain(`ok       server: answers at ${server.url}\n`);
    expect(healthy.stdout).not.toContain('problem ');

    const settings: [Record<string, string>, RegExp][] = [
      [
        { PORT: 'many', LOG_LEVEL: 'loud' },
        /problem {2}configuration: PORT must.*\n +→ .*\nproblem {2}configuration: LOG_LEVEL/,
      ],
      [{ SECRET_KEY: 'x'.repeat(32) }, /problem {2}secret: does not open.*\n +→ .*SECRET_KEY/],
      [{ PUBLIC_URL: `http://${closed}` }, /problem {2}server: .*does not answer.*\n +→ .*PUBLIC_URL/],
      [{ SMTP_URL: `smtp://user:secret-word@${closed}` }, /problem {2}mail: 127\.0\.0\.1:1.*\n +→ .*SMTP_URL/],
      [
        { DATABASE_URL: database, REDIS_URL: `redis://:secret-word@${closed}` },
        /problem {2}redis: .*ECONNREFUSED.*\n +→ .*REDIS_URL/,
      ],
    ];
    await Promise.all(
      settings.map(async ([env, said]) => {
        const { code, stdout, stderr } = await confab(dataDir, ['doctor'], { env });
        expect({ code, stderr }, stdout).toEqual({ code: 1, stderr: '' });
        expect(stdout).toMatch(said);
        expect(stdout).not.toContain('secret-word');
      }),
    );
    const proxied = await confab(dataDir, ['doctor'], { env: { PUBLIC_URL: 'https://127.0.0.1:1' } });
    expect(proxied.stdout).toMatch(/warning {2}proxy: .*TRUST_PROXY is not set\n +→ set TRUST_PROXY/);

    await query(database, 'alter database postgres set synchronous_commit = off');
    await query(database, `delete from confab_migrations where name like 'safety/%'`);
    await chmod(dataDir, 0o755);
    const { code, stdout, stderr } = await confab(dataDir, ['doctor']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/problem {2}durability: synchronous_commit is off/);
    expect(stdout).toMatch(/warning {2}migrations: [1-9]\d* missing/);
    expect(stdout).toMatch(/problem {2}data directory: .*\n +→ .*chmod 700/);
    // Commands of a later version do not touch the database of the server that runs.
    const refused = await confab(dataDir, ['list-sessions', 'any.one']);
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(ONE_LINE) as string });
  });

  test('a database that cannot be reached, without its password', async () => {
    const env = { DATABASE_URL: `postgres://user:secret-word@${closed}/confab` };
    const { code, stdout } = await confab(await tempDataDir(), ['doctor'], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/problem {2}database: .*cannot be reached/);
    expect(stdout).not.toContain('secret-word');
  });
});
