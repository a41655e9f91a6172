/** `npm run check`: everything that can be said about the code without running it. Exits 1 when any part fails. */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { refusedImports } from './boundaries.ts';

export interface Verdict {
  part: string;
  ok: boolean;
  /** What the part printed, or the problems it found. */
  report: string;
  seconds: number;
}

const root = join(import.meta.dirname, '..');

const parts: Record<string, () => Promise<Pick<Verdict, 'ok' | 'report'>>> = {
  // `npm run format` repairs it.
  format: () => run('oxfmt', '--list-different'),
  lint: () => run('oxlint'),
  types,
  'import boundaries': boundaries,
  'unused code': () => run('knip', '--no-progress', '--no-config-hints'),
};

/** Runs all parts at once and prints each verdict as it is known. Resolves with all of them, in the order of the table. */
export async function check(): Promise<Verdict[]> {
  return Promise.all(
    Object.entries(parts).map(async ([part, judge]) => {
      const started = performance.now();
      const verdict = { part, ...(await judge()), seconds: (performance.now() - started) / 1000 };
      print(verdict);
      return verdict;
    }),
  );
}

function print({ part, ok, report, seconds }: Verdict): void {
  if (!ok) console.log(`\n${report.trim()}\n`);
  const mark = ok ? styleText('green', '✓') : styleText('red', '✗');
  console.log(`${mark} ${part} ${styleText('dim', `${seconds.toFixed(1)} s`)}`);
}

/**
 * The compiler once for each project: packages/* and the root, which holds scripts, e2e and bench. On one thread each, for
 * they run at the same time: more threads of one compiler do much of the work again, each of them.
 */
async function types(): Promise<{ ok: boolean; report: string }> {
  const projects = ['tsconfig.json', ...files('packages/*/tsconfig.json')];
  const results = await Promise.all(
    projects.map((project) => run('tsc', '--pretty', '--singleThreaded', '--project', project)),
  );
  return { ok: results.every(({ ok }) => ok), report: results.map(({ report }) => report).join('') };
}

async function boundaries(): Promise<{ ok: boolean; report: string }> {
  const paths = files('packages/*/src/**/*.{ts,tsx,js,jsx,mts,mjs}');
  const problems = await Promise.all(
    paths.map(async (path) => refusedImports(path, await readFile(join(root, path), 'utf8'))),
  );
  return { ok: problems.flat().length === 0, report: problems.flat().join('\n') };
}

function files(pattern: string): string[] {
  return globSync(pattern, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] }).toSorted();
}

function run(command: string, ...args: string[]): Promise<{ ok: boolean; report: string }> {
  const { promise, resolve } = Promise.withResolvers<{ ok: boolean; report: string }>();
  const child = spawn(join(root, 'node_modules/.bin', command), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let report = '';
  child.stdout.on('data', (data: Buffer) => (report += data.toString()));
  child.stderr.on('data', (data: Buffer) => (report += data.toString()));
  child.on('error', (error) => resolve({ ok: false, report: `${command}: ${error.message}` }));
  child.on('close', (code) => resolve({ ok: code === 0, report }));
  return promise;
}

if (import.meta.main) {
  const verdicts = await check();
  process.exitCode = verdicts.every(({ ok }) => ok) ? 0 : 1;
}
