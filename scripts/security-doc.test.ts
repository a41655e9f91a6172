/** docs/security.md names tests as proof: those tests must exist. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const FOLDERS = ['e2e', 'scripts', 'packages'];
const PAGES = ['docs/security.md', 'docs/security/asvs.md'] as const;
const ATTACKS = [
  'wrong secret',
  'replay',
  'brute force',
  'enumeration',
  'disabled account',
  'banned account',
  'second factor missing',
];
/** `sign-in.test.ts: a title`, or `sign-in.test.ts: a group > a title`. */
const REFERENCE = /`([\w-]+\.test\.tsx?): ([^`]+)`/g;

/** The text of all test files of each name: names need not be unique. */
function testFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const folder of FOLDERS) {
    for (const path of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      if (path.includes('node_modules') || !/\.test\.tsx?$/.test(path)) continue;
      const name = basename(path);
      files.set(name, (files.get(name) ?? '') + readFileSync(join(ROOT, folder, path), 'utf8'));
    }
  }
  return files;
}

/** Whether it stands in `source` as a text of its own, in any kind of quotes. */
function isQuoted(source: string, title: string): boolean {
  return [`'${title}'`, `"${title}"`, `\`${title}\``].some((quoted) => source.includes(quoted));
}

test.each(PAGES)('every test that %s names is there', (page) => {
  const files = testFiles();
  const named = [...readFileSync(join(ROOT, page), 'utf8').matchAll(REFERENCE)];
  expect(named.length).toBeGreaterThan(10);
  const gone = named.filter(([, file = '', title = '']) => {
    const source = files.get(file) ?? '';
    return !title.split(' > ').every((part) => isQuoted(source, part));
  });
  expect(gone.map(([reference]) => reference)).toEqual([]);
});

test('the matrix has a cell for every way in and every attack', () => {
  const matrix = /\n## The matrix[^]*?\n(### [^]*?)\n## /.exec(readFileSync(join(ROOT, PAGES[0]), 'utf8'))?.[1] ?? '';
  const ways = matrix.split(/^### /m).slice(1);
  expect(ways.length).toBeGreaterThanOrEqual(16);
  for (const way of ways) {
    const cells = [...way.matchAll(/^\| (.+?) +\| (.+?) *\|$/gm)].slice(2);
    expect(cells.map(([, attack]) => attack)).toEqual(ATTACKS);
    for (const [, , cell] of cells) expect(cell).toMatch(/^(?:`[\w-]+\.test\.ts: |n\/a: )/);
  }
});

test('docs/security.md lists every kind of entry of the audit log, and no other', () => {
  const folder = join(ROOT, 'packages/server/src/modules/accounts');
  const recorded = new Set(
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(/'([a-z_]+\.[a-z_]+)'/g)])
      .map(([, action = '']) => action)
      // Jobs, locks and statements of the module are named alike.
      .filter((action) => !action.startsWith('accounts.')),
  );
  // Composed there: `${kind}.revoked`.
  recorded.add('api_token.revoked');
  const section = /\n### The audit log\n([^]*?)\n##/.exec(readFileSync(join(ROOT, PAGES[0]), 'utf8'))?.[1];
  const listed = [...(section ?? '').matchAll(/`([a-z_]+\.[a-z_]+)`/g)].map(([, action = '']) => action);
  expect(listed.toSorted()).toEqual([...recorded].toSorted());
});
