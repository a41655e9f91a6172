import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataDir, runningServer } from './datadir.ts';
import { StartupError } from './lifecycle.ts';

let root: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'confab-datadir-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(root, { recursive: true });
});

/** A process that holds the directory; resolves when it does. */
async function holder(dir: string): Promise<ChildProcess> {
  const script = `
    const { openDataDir } = await import(${JSON.stringify(new URL('./datadir.ts', import.meta.url).href)});
    globalThis.held = await openDataDir(${JSON.stringify(dir)});
    process.stdout.write('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const started = child.stdout.setEncoding('utf8');
  const [text] = (await once(started, 'data')) as [string];
  expect(text).toBe('held');
  return child;
}

test('the directory is created, for its owner only', async () => {
  const dir = join(root, 'a', 'data');
  const dataDir = await openDataDir(dir);
  expect(dataDir.path).toBe(dir);
  expect((await stat(dir)).mode & 0o777).toBe(0o700);
  dataDir.release();
});

test('a second process, or a second opening in one process, is refused in one line', async () => {
  const child = await holder(root);
  await expect(openDataDir(root)).rejects.toThrow(
    new StartupError(`The data directory ${root} is in use by another running instance`),
  );
  child.kill('SIGTERM');
  await once(child, 'exit');
  const dataDir = await openDataDir(root);
  await expect(openDataDir(root)).rejects.toThrow('in use');
  dataDir.release();
  dataDir.release();
  (await openDataDir(root)).release();
});

test('a holder killed by SIGKILL leaves nothing that is in the way', async () => {
  for (let round = 0; round < 3; round++) {
    const child = await holder(root);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const dataDir = await openDataDir(root);
  await expect(openDataDir(root)).rejects.toThrow('in use');
  dataDir.release();
});

test('of many that start at once after a kill, exactly one gets the directory', async () => {
  const child = await holder(root);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => openDataDir(root)));
  const opened = results.filter((result) => result.status === 'fulfilled');
  expect(opened).toHaveLength(1);
  opened[0]?.value.release();
});

test('a path that cannot be a writable directory is refused in one line', async () => {
  const file = join(root, 'file');
  await writeFile(file, '');
  const error: unknown = await openDataDir(join(file, 'data')).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(StartupError);
  expect(String(error)).toContain(`The data directory ${file}/data is not writable (ENOTDIR); set DATA_DIR`);
});

test('a lock file that cannot be opened is refused in one line', async () => {
  await mkdir(join(root, 'lock'));
  await expect(openDataDir(root)).rejects.toThrow(
    new StartupError(`The data directory ${root} cannot be locked: unable to open database file`),
  );
});

test('a secret is created once, readable by its owner only, and the same ever after', async () => {
  const first = await openDataDir(root);
  const secret = await first.secret('secret');
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(await first.secret('secret')).toBe(secret);
  expect(await first.secret('other')).not.toBe(secret);
  expect((await stat(join(root, 'secret.key'))).mode & 0o777).toBe(0o600);
  expect((await readdir(root)).toSorted()).toEqual(['lock', 'other.key', 'secret.key']);
  first.release();
  const second = await openDataDir(root);
  expect(await second.secret('secret')).toBe(secret);
  second.release();
});

test('where the holder serves is told while it holds the directory, and not what a killed one told', async () => {
  const server = { url: 'http://127.0.0.1:3000', mode: 'development', database: 'postgresql:///postgres?host=x' };
  const dataDir = await openDataDir(root);
  expect(await runningServer(root)).toBeUndefined();
  await dataDir.announce(server);
  expect(await runningServer(root)).toEqual(server);
  expect((await stat(join(root, 'server.json'))).mode & 0o777).toBe(0o600);
  dataDir.release();
  expect(await runningServer(root)).toBeUndefined();

  await writeFile(join(root, 'server.json'), JSON.stringify(server));
  const next = await openDataDir(root);
  expect(await runningServer(root)).toBeUndefined();
  next.release();
});

test('a damaged secret is refused, never replaced', async () => {
  const dataDir = await openDataDir(root);
  await dataDir.secret('secret');
  await writeFile(join(root, 'secret.key'), '');
  await chmod(join(root, 'secret.key'), 0o600);
  await expect(dataDir.secret('secret')).rejects.toThrow(StartupError);
  expect(await readFile(join(root, 'secret.key'), 'utf8')).toBe('');
  dataDir.release();
});
