/** `npm run build`: builds the web client, unless its build is of the sources as they are. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** Says which sources the build is of. Vite empties `dist` first, so a build that broke off has none. */
const stamp = join(root, 'packages/web/dist/.sources');

/** Whether there is now a build of the present sources. */
export function build(): boolean {
  const sources = digest();
  if (readStamp() === sources) return true;
  const vite = join(root, 'node_modules/.bin/vite');
  const { status } = spawnSync(vite, ['build', '--logLevel', 'warn'], {
    cwd: join(root, 'packages/web'),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) return false;
  writeFileSync(stamp, sources);
  return true;
}

/** Of everything the build is made of: the web client, what it imports of this repository, and the locked packages. */
function digest(): string {
  const paths = globSync(
    [
      'packages/web/{index.html,vite.config.ts,package.json}',
      'packages/web/public/**/*',
      'packages/{web,sdk,protocol}/src/**/*.*',
      'package-lock.json',
    ],
    { cwd: root, exclude: ['**/*.test.*'] },
  );
  const hash = createHash('sha256');
  for (const path of paths.toSorted())
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  return hash.digest('hex');
}

function readStamp(): string | undefined {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return undefined;
  }
}

if (import.meta.main && !build()) process.exitCode = 1;
