import { chmod, cp, lstat, mkdir, mkdtemp, readdir, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { StartupError } from '../lifecycle.ts';
import { findBinaries, prepareBinaries } from './binaries.ts';
import type { InstalledBinaries } from './binaries.ts';
import type { SystemUser } from './system-user.ts';

const NOBODY: SystemUser = { name: 'nobody', ids: { uid: 65534, gid: 65534 } };
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
let root: string;
let cacheDir: string;
let installed: InstalledBinaries;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'confab-binaries-'));
  await chmod(root, 0o755);
  cacheDir = join(root, 'cache');
  await mkdir(join(root, 'modules'));
  installed = await copyAsPublished();
});

afterEach(() => rm(root, { recursive: true }));

/** A copy of what is installed, without the symbolic links, as npm unpacks it. */
async function copyAsPublished(): Promise<InstalledBinaries> {
  const { native, version } = await findBinaries();
  const copy = join(root, 'modules', 'native');
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  const lib = join(copy, 'lib');
  for (const name of await readdir(lib)) {
    if ((await lstat(join(lib, name))).isSymbolicLink()) await unlink(join(lib, name));
  }
  return { native: copy, version };
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
