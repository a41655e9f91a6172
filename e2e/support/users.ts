/** Users of this system that the program can be run as. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { launch, type Over, ROOT, type User } from './server-process.ts';

export const isRoot = process.geteuid?.() === 0;
const NOBODY: User = { uid: 65534, gid: 65534 };

/** An ordinary user: this process's own, unless that is root. */
export const ordinaryUser: User | undefined = isRoot ? NOBODY : undefined;

/** A checkout that `user` can read: this one, or a copy of it where this one is closed to others, such as below /root. */
export async function checkoutFor(user: User | undefined, over: Over = onTestFinished): Promise<string> {
  if (user === undefined) return ROOT;
  const probe = launch({ dataDir: '/', user, env: { PORT: 'wrong' }, root: ROOT, over });
  await probe.exited.catch(() => undefined);
  if (probe.stderr().startsWith('confab: Wrong configuration')) return ROOT;

  const copy = await mkdtemp(join(tmpdir(), 'confab-checkout-'));
  over(() => rm(copy, { recursive: true }));
  for (const part of ['package.json', 'packages', 'node_modules']) {
    await cp(join(ROOT, part), join(copy, part), { recursive: true, verbatimSymlinks: true });
  }
  await promisify(execFile)('chmod', ['-R', 'go+rX', copy]);
  return copy;
}
