import { chmod, cp, link, lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { StartupError } from '../lifecycle.ts';
import { findBinaries, prepareBinaries } from './binaries.ts';
import type { InstalledBinaries } from './binaries.ts';
import type { SystemUser } from './system-user.ts';

const NOBODY: SystemUser = { name: 'nobody', ids: { uid: 65534, gid: 65534 } };
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
let root: string;
let cacheDir: string;
let installed: InstalledBinaries;
/** A copy of what is installed. */
let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'confab-binaries-'));
  await cp((await findBinaries()).native, copy, { recursive: true, verbatimSymlinks: true });
});
afterAll(() => rm(copy, { recursive: true }));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'confab-binaries-'));
  await chmod(root, 0o755);
  cacheDir = join(root, 'cache');
  const native = join(root, 'modules', 'native');
  await unpack(native);
  installed = { native, version: (await findBinaries()).version };
});

afterEach(() => rm(root, { recursive: true }));

/** What is installed, without the symbolic links, as npm unpacks it; the files are those of `copy`, which nothing writes to. */
async function unpack(native: string): Promise<void> {
  await mkdir(native, { recursive: true });
  for (const entry of await readdir(copy, { recursive: true, withFileTypes: true })) {
    const from = join(entry.parentPath, entry.name);
    const to = join(native, relative(copy, from));
    if (entry.isDirectory()) await mkdir(to, { recursive: true });
    else if (entry.isFile()) {
      await mkdir(dirname(to), { recursive: true });
      await link(from, to);
    }
  }
}

test('what npm unpacked is completed in place, by many at the same time and again', async () => {
  const all = await Promise.all(Array.from({ length: 4 }, () => prepareBinaries(installed, undefined, cacheDir)));
  expect(await prepareBinaries(installed, undefined, cacheDir)).toEqual(all[0]);
  expect(all[3]).toEqual({
    initdb: join(installed.native, 'bin', 'initdb'),
    postgres: join(installed.native, 'bin', 'postgres'),
    major: installed.version.split('.')[0],
  });
});

test('what cannot run at all is refused in one line', async () => {
  await rm(join(installed.native, 'bin', 'initdb'));
  const error: unknown = await prepareBinaries(installed, undefined, cacheDir).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(StartupError);
  expect(String(error)).toMatch(/^StartupError: The PostgreSQL in \S+ cannot be run: initdb: ENOENT; set DATABASE_URL/);
});

describe.runIf(process.geteuid?.() === 0)('for another user', () => {
  test('what is closed to that user is copied to where it is not, by many at the same time', async () => {
    await chmod(join(root, 'modules'), 0o700);
    const umask = process.umask(0o077);
    onTestFinished(() => void process.umask(umask));
    const all = await Promise.all(Array.from({ length: 3 }, () => prepareBinaries(installed, NOBODY, cacheDir)));
    expect(all.every(({ postgres }) => postgres.startsWith(cacheDir))).toBe(true);
    expect(await readdir(cacheDir)).toHaveLength(1);
  });

  test('what was unpacked with private modes is copied with open ones', async () => {
    await chmod(join(installed.native, 'bin'), 0o700);
    await chmod(join(installed.native, 'share', 'postgresql'), 0o700);
    const { postgres } = await prepareBinaries(installed, NOBODY, cacheDir);
    expect(postgres.startsWith(cacheDir)).toBe(true);
    expect((await lstat(join(postgres, '..', '..', 'share', 'postgresql'))).mode & 0o777).toBe(0o755);
  });

  test('what cannot be made available to that user is refused in one line', async () => {
    await chmod(join(root, 'modules'), 0o700);
    await mkdir(cacheDir, { mode: 0o700 });
    await expect(prepareBinaries(installed, NOBODY, cacheDir)).rejects.toThrow(
      /^The PostgreSQL in \S+ cannot be run as user nobody \(PostgreSQL refuses to run as root\): postgres: EACCES; set/,
    );
  });
});
