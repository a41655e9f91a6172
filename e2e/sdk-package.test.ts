/** The published form: what `npm pack` makes of the SDK, used by a project that has nothing else of this repository. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPackages } from '../scripts/build-packages.ts';
import { ROOT, startServer, tempDataDir } from './support/server-process.ts';

const run = promisify(execFile);
/** The Node of the machine, not the one of this repository: whoever installs the SDK has that one. */
const systemNode =
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .find((path) => existsSync(path)) ?? process.execPath;

let project: string;
const inProject = (command: string, ...args: string[]) => run(command, args, { cwd: project });

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'confab-consumer-'));
  const built = buildPackages();
  const folders = [...built, ...(await dependenciesOf(built)).values()];
  const pack = ['pack', ...folders, '--json', '--ignore-scripts', '--pack-destination', project];
  const packed = JSON.parse((await run('npm', pack)).stdout) as { filename: string }[];
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  const tarballs = packed.map(({ filename }) => `./${filename}`);
  await inProject('npm', 'install', '--offline', '--no-audit', '--no-fund', ...tarballs);
});
afterAll(() => rm(project, { recursive: true }));

/** By name, where what they depend on is installed here, and what that depends on: no registry is asked for a test. */
async function dependenciesOf(folders: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const manifestOf = async (folder: string) =>
    JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { dependencies?: Record<string, string> };
  const todo = [...folders];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop()) {
    for (const name of Object.keys((await manifestOf(folder)).dependencies ?? {})) {
      if (name.startsWith('@confab/') || found.has(name)) continue;
      const own = join(folder, 'node_modules', name);
      const at = existsSync(own) ? own : join(ROOT, 'node_modules', name);
      found.set(name, at);
      todo.push(at);
    }
  }
  return found;
}

/** Two people, who meet, chat and leave. */
const chat = `
import { ConfabClient, ConfabError, memoryStore } from '@confab/sdk';
import { fileStore } from '@confab/sdk/node';

const url = process.argv[2];
const heard = [];
async function join(username, store) {
  const client = new ConfabClient({ url, store });
  await client.signUp({ email: username + '@example.com', password: 'lounge-demo', username });
  await client.connect();
  return client;
}
const ann = await join('ann', memoryStore());
const bob = await join('bob', fileStore('./bob.json'));
const both = new Promise((resolve) => bob.on('message', (message) => heard.push(message.body) === 2 && resolve()));
const room = await ann.directRoom(bob.me.id);
await room.send('hello').done;
const answered = new Promise((resolve) => ann.on('message', (message) => message.body === 'hi' && resolve(message)));
const theirs = await bob.directRoom(ann.me.id);
theirs.send('hi');
const { n } = await answered;
await both;
const refused = await ann.signIn({ email: 'bob@example.com', password: 'wrong' }).catch((error) => error);
await ann.signOut();
bob.disconnect();
const again = new ConfabClient({ url, store: fileStore('./bob.json') });
const restored = await again.restore();
console.log(JSON.stringify({ heard, n, refused: refused instanceof ConfabError && refused.code, restored: restored.username }));
`;

test('two people chat by it under plain Node, and the process ends by itself', async () => {
  const server = await startServer({ dataDir: await tempDataDir() });
  await writeFile(join(project, 'chat.mjs'), chat);
  const { stdout, stderr } = await inProject(systemNode, 'chat.mjs', server.url);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({ heard: ['hello', 'hi'], n: 2, refused: 'invalid_credentials', restored: 'bob' });
});

test('the example of its README runs as it is', async () => {
  const server = await startServer({ dataDir: await tempDataDir() });
  const readme = await readFile(join(project, 'node_modules/@confab/sdk/README.md'), 'utf8');
  const example = /```js\n(?<code>[\s\S]*?)```/.exec(readme)?.groups?.['code'] ?? '';
  expect(example.trim().split('\n').length).toBeLessThanOrEqual(14);
  const program = `
    import { ConfabClient as Client } from '@confab/sdk';
    const tester = { email: 'test@example.com', password: 'lounge-demo' };
    await new Client({ url: '${server.url}' }).signUp({ ...tester, username: 'test' });
    ${example.replace('http://localhost:3000', server.url)}
    client.disconnect();`;
  await writeFile(join(project, 'readme.mjs'), program);
  const { stdout } = await inProject(systemNode, 'readme.mjs');
  expect(stdout).toContain('test: Hello, world\n');
  expect(stdout).toContain('stored as message number 1\n');
});

test('its declarations are complete: strict consumers compile against them, and wrong use is refused', async () => {
  const consumer = `
import { ConfabClient, LIMITS, type LiveRoom, type LocalStore, type Message, type RoomView } from '@confab/sdk';
import { fileStore } from '@confab/sdk/node';

const store: LocalStore = fileStore('./store.json');
const client = new ConfabClient({ url: 'http://localhost:3000', store });
client.on('message', (message: Message) => message.body.slice(0, LIMITS.body));
export const titles = (rooms: readonly RoomView[]): string[] => rooms.map((room) => room.title);
export async function rename(room: LiveRoom): Promise<string | null> {
  const answer = await client.call('updateRoom', { params: { roomId: room.id }, body: { name: 'New' } });
  const unread: number | undefined = room.state?.unread;
  // @ts-expect-error there is no such route
  await client.call('renameRoom', {});
  // @ts-expect-error a room needs a name
  await client.createRoom({ topic: String(unread) });
  return answer.name;
}
`;
  await writeFile(join(project, 'consumer.ts'), consumer);
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2023', 'dom'],
    types: [],
  };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
  const { stdout } = await inProject(join(ROOT, 'node_modules/.bin/tsc'), '--singleThreaded', '--project', '.').catch(
    (error: unknown) => error as { stdout: string },
  );
  expect(stdout).toBe('');
});
