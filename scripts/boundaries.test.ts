import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refusedImports } from './boundaries.ts';

const SERVER = 'packages/server/src';

/** For each rule: the file it speaks of, imports it refuses and imports it lets pass. */
const rules: { rule: string; file: string; refuses: string[]; allows: string[] }[] = [
  {
    rule: 'protocol imports zod only',
    file: 'packages/protocol/src/rooms.ts',
    refuses: ['fastify', 'node:crypto', '@confab/sdk', '../../server/src/config.ts', './rooms.test.ts'],
    allows: ['zod', './ids.ts'],
  },
  {
    rule: 'sdk imports protocol and socket.io-client only',
    file: 'packages/sdk/src/client.ts',
    refuses: ['zod', 'socket.io', 'react', '@confab/server', '../../protocol/src/index.ts'],
    allows: ['@confab/protocol', 'socket.io-client', './outbox.ts'],
  },
  {
    rule: 'the sdk runs in browsers: Node built-ins stay in src/node',
    file: 'packages/sdk/src/client.ts',
    refuses: ['node:fs', 'fs', 'node:events', './node/file-store.ts'],
    allows: ['./store/memory.ts'],
  },
  {
    rule: 'sdk/src/node imports Node built-ins and the sdk',
    file: 'packages/sdk/src/node/file-store.ts',
    refuses: ['pg', 'react', '@confab/server'],
    allows: ['node:fs', '../client.ts', './lock.ts', '@confab/protocol'],
  },
  {
    rule: 'web talks through the sdk',
    file: 'packages/web/src/rooms/list.tsx',
    refuses: ['@confab/protocol', '@confab/server', 'socket.io-client', 'node:path', '../../../sdk/src/index.ts'],
    allows: ['@confab/sdk', 'react', 'react-dom/client', 'lucide-react', '../app.tsx', './list.css'],
  },
  {
    rule: 'a module sees another only through its index.ts',
    file: `${SERVER}/modules/messages/service.ts`,
    refuses: ['../rooms/store.ts', '../rooms/policy.ts', '../rooms/index.test.ts'],
    allows: ['../rooms/index.ts', './store.ts', './sending/group.ts'],
  },
  {
    rule: 'a module sees contracts, not adapters',
    file: `${SERVER}/modules/messages/service.ts`,
    refuses: ['../../platform/bus/redis.ts', '../../platform/db/embedded.ts', '../../platform/jobs/postgres.ts'],
    allows: [
      '../../platform/bus/index.ts',
      '../../platform/db/errors.ts',
      '../../platform/clock.ts',
      '@confab/protocol',
    ],
  },
  {
    rule: 'a module sees no drivers',
    file: `${SERVER}/modules/messages/store.ts`,
    refuses: ['pg', 'fastify', '@fastify/cookie', 'socket.io', 'ioredis', 'amqplib', '@aws-sdk/client-s3'],
    allows: ['kysely', 'zod', 'node:crypto'],
  },
  {
    rule: 'the face of a module is bound like the module',
    file: `${SERVER}/modules/rooms/index.ts`,
    refuses: ['pg', '../messages/store.ts', '../../platform/bus/memory.ts', '../../app.ts'],
    allows: ['./service.ts', '../accounts/index.ts', '../../platform/bus/index.ts'],
  },
  {
    rule: 'modules know neither configuration nor composition',
    file: `${SERVER}/modules/rooms/service.ts`,
    refuses: ['../../app.ts', '../../config.ts', '../../main.ts', '@confab/sdk'],
    allows: ['../../platform/ids.ts'],
  },
  {
    rule: 'platform knows no modules',
    file: `${SERVER}/platform/realtime/gateway.ts`,
    refuses: ['../../modules/rooms/index.ts', '../../modules/rooms/store.ts', '../../app.ts', '../../config.ts'],
    allows: ['@confab/protocol', 'socket.io', './index.ts', './frames.ts', '../clock.ts', '../bus/index.ts'],
  },
  {
    rule: 'an adapter sees the adapters of its own folder only',
    file: `${SERVER}/platform/limiter/redis.ts`,
    refuses: ['../bus/redis.ts', '../db/embedded.ts'],
    allows: ['./memory.ts', './index.ts', 'ioredis'],
  },
  {
    rule: 'a contract does not hand out its adapters',
    file: `${SERVER}/platform/bus/index.ts`,
    refuses: ['./memory.ts', './redis.ts', '../../modules/rooms/index.ts'],
    allows: ['@confab/protocol', '../actor.ts', '../realtime/index.ts'],
  },
  {
    rule: 'plain platform files see no adapters',
    file: `${SERVER}/platform/lifecycle.ts`,
    refuses: ['./bus/memory.ts', '../modules/rooms/index.ts', '../app.ts'],
    allows: ['./clock.ts', './bus/index.ts', 'pino'],
  },
  {
    rule: 'configuration sees no drivers, modules or adapters',
    file: `${SERVER}/config.ts`,
    refuses: ['pg', './modules/rooms/index.ts', './platform/db/embedded.ts'],
    allows: ['zod', './platform/log.ts'],
  },
  {
    rule: 'app.ts names the adapters',
    file: `${SERVER}/app.ts`,
    refuses: ['./main.ts', '@confab/sdk', '../test/harness.ts'],
    allows: ['./platform/bus/memory.ts', './modules/rooms/index.ts', './modules/rooms/routes.ts', './config.ts'],
  },
  {
    rule: 'only app.ts names adapters',
    file: `${SERVER}/main.ts`,
    refuses: ['./platform/bus/memory.ts', './modules/rooms/store.ts', 'pg'],
    allows: ['./app.ts', './config.ts', './platform/log.ts', 'node:process'],
  },
  {
    rule: 'plain platform files do not import node:process',
    file: `${SERVER}/platform/log.ts`,
    refuses: ['node:process', 'process'],
    allows: ['node:os'],
  },
];

describe.each(rules)('$rule', ({ file, refuses, allows }) => {
  test.each(refuses)('refused: %s', (specifier) => {
    expect(refusedImports(file, `import { x } from '${specifier}';`)).toHaveLength(1);
  });

  test.each(allows)('allowed: %s', (specifier) => {
    expect(refusedImports(file, `import { x } from '${specifier}';`)).toEqual([]);
  });
});

describe('what counts as an import', () => {
  const file = `${SERVER}/modules/rooms/store.ts`;

  test.each([
    `import 'pg';`,
    `import type { Pool } from 'pg';`,
    `export { Pool } from 'pg';`,
    `export * from 'pg';`,
    `const pg = await import('pg');`,
    `type Pool = import('pg').Pool;`,
    `type Pool = typeof import('pg');`,
    `const pg = await import(name);`,
  ])('%s', (source) => {
    expect(refusedImports(file, source)).toHaveLength(1);
  });

  test('a comment or a string does not', () => {
    expect(refusedImports(file, `// import 'pg'\nconst s = "import 'pg'";`)).toEqual([]);
  });

  test('the report names file, line and import', () => {
    expect(refusedImports(file, `import { z } from 'zod';\nimport pg from 'pg';`)).toEqual([
      `${file}:2: imports pg: module may not import this package`,
    ]);
  });
});

test('a source file outside every layer is refused', () => {
  expect(refusedImports('packages/server/src/helpers/misc.ts', '')).toHaveLength(1);
});

test('tests and tools may import everything', () => {
  const source = `import pg from 'pg'; import '../platform/bus/memory.ts'; import '../../web/src/app.tsx';`;
  for (const file of [`${SERVER}/modules/rooms/rooms.test.ts`, 'packages/server/test/harness.ts', 'e2e/chat.test.ts']) {
    expect(refusedImports(file, source)).toEqual([]);
  }
});

describe('rules kept by the linter', () => {
  const repository = join(import.meta.dirname, '..');
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'confab-lint-'));
    await cp(join(repository, '.oxlintrc.json'), join(root, '.oxlintrc.json'));
    await cp(join(repository, 'tsconfig.base.json'), join(root, 'tsconfig.json'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  /** The rules that the repository's configuration finds broken in these files. */
  async function lint(files: Record<string, string>): Promise<string[]> {
    for (const [path, source] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), source);
    }
    const { stdout } = spawnSync(join(repository, 'node_modules/.bin/oxlint'), ['--format=json'], { cwd: root });
    const { diagnostics } = JSON.parse(String(stdout)) as { diagnostics: { code: string }[] };
    return diagnostics.map(({ code }) => code);
  }

  test('no cycles, not even of types', async () => {
    const cycle = {
      'packages/server/src/modules/rooms/index.ts': `import type { B } from '../messages/index.ts';\nexport interface A { b: B }\n`,
      'packages/server/src/modules/messages/index.ts': `import type { A } from '../rooms/index.ts';\nexport interface B { a: A | null }\n`,
    };
    expect(await lint(cycle)).toEqual(['import(no-cycle)', 'import(no-cycle)']);
    const [rooms] = Object.keys(cycle);
    expect(await lint({ [String(rooms)]: 'export type A = 1;\n' })).toEqual([]);
  });

  test('only entry points touch `process`', async () => {
    const source = 'declare global { var process: object }\nexport const both = [process, globalThis.process];\n';
    expect(await lint({ [`${SERVER}/platform/log.ts`]: source })).toEqual([
      'eslint(no-restricted-globals)',
      'eslint(no-restricted-properties)',
    ]);
    await rm(join(root, `${SERVER}/platform/log.ts`));
    expect(await lint({ [`${SERVER}/main.ts`]: source, [`${SERVER}/cli/seed.ts`]: source })).toEqual([]);
  });

  test('adapters ask `node:process` about the system only', async () => {
    const file = `${SERVER}/platform/db/embedded.ts`;
    expect(
      await lint({ [file]: `export { env } from 'node:process';\nexport { pid, platform } from 'node:process';\n` }),
    ).toEqual(['eslint(no-restricted-imports)']);
    expect(await lint({ [file]: `import process from 'node:process';\nexport default process;\n` })).toEqual([
      'eslint(no-restricted-imports)',
    ]);
  });

  test('no floating, misused or needlessly awaited promises', async () => {
    const source = [
      'export declare function save(): Promise<boolean>;',
      'export async function floating() { save(); await save(); }',
      'export async function misused() { if (save()) return; await save(); }',
      'export async function needless(answer: number) { await answer; }',
    ].join('\n');
    expect((await lint({ [`${SERVER}/app.ts`]: source })).toSorted()).toEqual([
      'typescript(await-thenable)',
      'typescript(no-floating-promises)',
      'typescript(no-misused-promises)',
    ]);
  });
});
