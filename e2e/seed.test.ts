import { expect, test } from 'vitest';
import { call, signIn } from '../packages/server/test/person.ts';
import { launch, startServer, tempDataDir } from './support/server-process.ts';

const NOTHING = 'Added 0 people, 0 rooms and 0 messages';

async function seed(dataDir: string, env: Record<string, string> = {}) {
  const launched = launch({ dataDir, env, command: ['npm', 'run', '--silent', 'seed'] });
  const { code } = await launched.exited;
  return { code, stdout: launched.stdout(), stderr: launched.stderr() };
}

async function roomsOf(url: string, email: string) {
  const { accessToken } = await signIn(url, { email, password: 'lounge-demo' });
  return (await call(url, accessToken, 'rooms', { query: {} })).rooms;
}

test('beside a running server, and without one, the demo is added once', async () => {
  const dataDir = await tempDataDir();
  const server = await startServer({ dataDir });
  const first = await seed(dataDir);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toContain('test@example.com or user2@example.com with the password lounge-demo');
  for (const email of ['test@example.com', 'user2@example.com']) {
    expect((await roomsOf(server.url, email)).length).toBeGreaterThan(3);
  }
  const rooms = await roomsOf(server.url, 'test@example.com');
  expect((await seed(dataDir)).stdout).toContain(NOTHING);
  await server.end('SIGTERM');

  expect(await seed(dataDir)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(NOTHING) as string,
    stderr: '',
  });
  const again = await startServer({ dataDir });
  expect(await roomsOf(again.url, 'test@example.com')).toEqual(rooms);
});

test('an empty data directory is filled without a server, which is stopped again', async () => {
  const dataDir = await tempDataDir();
  expect(await seed(dataDir)).toMatchObject({ code: 0, stderr: '' });
  const server = await startServer({ dataDir });
  expect((await roomsOf(server.url, 'test@example.com')).length).toBeGreaterThan(3);
});

test('production is refused, asked for here or there, and nothing is written', async () => {
  const dataDir = await tempDataDir();
  const server = await startServer({ dataDir, env: { NODE_ENV: 'production' } });
  for (const env of [{ NODE_ENV: 'production' }, {}]) {
    const { code, stdout, stderr } = await seed(dataDir, env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^confab: [^\n]* production[^\n]* known to everybody[^\n]*\n$/);
  }
  await expect(roomsOf(server.url, 'test@example.com')).rejects.toThrow('invalid_credentials');
});
