import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileStore } from './node/file-store.ts';
import { type LocalStore, memoryStore } from './store.ts';

let folder: string;
let files = 0;
const nextFile = () => join(folder, `store-${(files += 1)}.json`);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'confab-store-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What every store promises. */
describe.each<[string, () => LocalStore]>([
  ['memoryStore', memoryStore],
  ['fileStore', () => fileStore(nextFile())],
])('%s', (_, make) => {
  test('gives back what was set last, and null for what is not there', async () => {
    const store = make();
    await store.set('a', '1');
    await store.set('a', '2');
    expect(await store.get('a')).toBe('2');
    expect(await store.get('b')).toBeNull();
  });

  test('lists what begins with a prefix, in order of the keys', async () => {
    const store = make();
    for (const key of ['x/2', 'y/1', 'x/10', 'x/1']) await store.set(key, key);
    expect((await store.list('x/')).map(([key]) => key)).toEqual(['x/1', 'x/10', 'x/2']);
  });

  test('changes take effect in the order they were made, waited for or not', async () => {
    const store = make();
    await Promise.all([
      store.set('a', '1'),
      store.delete('a'),
      store.set('b', '1'),
      store.set('b', '2'),
      store.delete('c'),
    ]);
    expect(await store.list('')).toEqual([['b', '2']]);
  });

  test('keys and values are any text', async () => {
    const store = make();
    await store.set('__proto__', 'ünï\n"☃');
    expect(await store.list('')).toEqual([['__proto__', 'ünï\n"☃']]);
  });
});

describe('fileStore', () => {
  test('a change that resolved is in the file, for its owner alone', async () => {
    const path = nextFile();
    const store = fileStore(path);
    await Promise.all([store.set('a', '1'), store.set('b', '2')]);
    expect(await fileStore(path).list('')).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
    await store.delete('a');
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ b: '2' });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('a file that is not a store is an error, and is left as it is', async () => {
    const path = nextFile();
    await writeFile(path, 'precious');
    await expect(fileStore(path).set('a', '1')).rejects.toThrow('JSON');
    expect(await readFile(path, 'utf8')).toBe('precious');
  });
});
