import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CliOptions } from 'vitest/node';
import { runTests } from './run-tests.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'confab-run-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function run(files: Record<string, string>, options: CliOptions = {}) {
  for (const [name, source] of Object.entries(files)) await writeFile(join(root, name), source);
  return runTests([], { ...options, root, config: false, globals: true }, true);
}

test('passed and failed tests are counted, failures named', async () => {
  const source = `test('good', () => expect(1).toBe(1)); describe('group', () => test('bad', () => expect(1).toBe(2)));`;
  expect(await run({ 'a.test.js': source, 'b.test.js': `test('fine', () => {});` })).toEqual({
    passed: 2,
    failures: ['a.test.js > group > bad'],
  });
});

test.each(['skip', 'todo'])('a test that is %s counts as a failure', async (mode) => {
  const source = `test('good', () => {}); test.${mode}('left out', () => {});`;
  expect(await run({ 'a.test.js': source })).toEqual({
    passed: 1,
    failures: [`a.test.js > left out (${mode}: not run)`],
  });
});

test('a test hidden by `only` counts as a failure', async () => {
  const source = `test.only('good', () => {}); test('hidden', () => {});`;
  const { failures } = await run({ 'a.test.js': source });
  expect(failures).not.toEqual([]);
});

test('a filter on names may leave tests out', async () => {
  const source = `test('good', () => {}); test('other', () => {});`;
  expect(await run({ 'a.test.js': source }, { testNamePattern: 'good' })).toEqual({ passed: 1, failures: [] });
});

test('a file that does not load counts as a failure', async () => {
  const { passed, failures } = await run({
    'a.test.js': `throw new Error('no');`,
    'b.test.js': `test('b', () => {});`,
  });
  expect({ passed, failures }).toEqual({ passed: 1, failures: ['a.test.js did not load or clean up'] });
});

test('a failing afterAll counts as a failure', async () => {
  const source = `test('good', () => {}); afterAll(() => { throw new Error('no'); });`;
  expect(await run({ 'a.test.js': source })).toEqual({ passed: 1, failures: ['a.test.js did not load or clean up'] });
});

test('an error outside every test counts as a failure', async () => {
  const source = `test('good', () => { void Promise.reject(new Error('stray')); });`;
  expect(await run({ 'a.test.js': source })).toEqual({ passed: 1, failures: ['error outside every test: stray'] });
});

test('no test at all counts as a failure', async () => {
  expect(await run({})).toEqual({ passed: 0, failures: ['no test was run'] });
});
