/**
 * `npm run build:packages`: the published form of the SDK and the protocol, JavaScript with type declarations, in
 * packages/protocol/dist and packages/sdk/dist. `npm pack packages/sdk/dist` makes a tarball of it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** In this order: the SDK is compiled against the declarations of the protocol. */
const packages = ['protocol', 'sdk'];

interface Manifest {
  name: string;
  version: string;
  description: string;
  license: string;
  exports: Record<string, string>;
  dependencies: Record<string, string>;
}

/** Builds from scratch, and answers the folders to pack. @throws Error when something does not compile */
export function buildPackages(): string[] {
  return packages.map((name) => {
    const source = join(root, 'packages', name);
    const target = join(source, 'dist');
    rmSync(target, { recursive: true, force: true });
    compile(join(source, 'tsconfig.build.json'));
    const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest;
    writeFileSync(join(target, 'package.json'), `${JSON.stringify(published(manifest), null, 2)}\n`);
    const readme = join(source, 'README.md');
    if (existsSync(readme)) cpSync(readme, join(target, 'README.md'));
    cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
    return target;
  });
}

function compile(project: string): void {
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { status, stdout } = spawnSync(tsc, ['--singleThreaded', '--project', project], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${project} does not compile:\n${stdout}`);
}

// In the repository packages export their sources; the published ones export what those were compiled to.
function published({ name, version, description, license, exports, dependencies }: Manifest) {
  const compiled = Object.entries(exports).map(([entry, file]) => {
    const base = file.replace('./src/', './').replace(/\.ts$/, '');
    return [entry, { types: `${base}.d.ts`, default: `${base}.js` }] as const;
  });
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    exports: Object.fromEntries(compiled),
    files: ['**/*.js', '**/*.d.ts'],
    sideEffects: false,
    engines: { node: '>=20' },
    dependencies,
  };
}

if (import.meta.main) for (const folder of buildPackages()) console.log(folder);
