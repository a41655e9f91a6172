import type { CliOptions, Reporter, TestCase, TestModule } from 'vitest/node';
import { startVitest } from 'vitest/node';

export interface Tally {
  passed: number;
  /** What failed, by name. */
  failures: string[];
}

/**
 * Runs the test files that match the filters (all of them without any) and counts. Whatever hides a test counts as a
 * failure: a skipped or unfinished test, a file that does not load, an error outside every test, no test at all. Only
 * a filter on names (`testNamePattern`) may leave tests out. `quiet` leaves the report out.
 */
export async function runTests(filters: string[], options: CliOptions, quiet = false): Promise<Tally> {
  const tally: Tally = { passed: 0, failures: [] };
  const counter: Reporter = {
    onTestRunEnd(modules, unhandledErrors) {
      for (const module of modules) count(tally, module, options.testNamePattern !== undefined);
      for (const error of unhandledErrors) tally.failures.push(`error outside every test: ${error.message}`);
    },
  };
  try {
    const vitest = await startVitest(filters, {
      ...options,
      watch: false,
      reporters: [...(quiet ? [] : ['default']), counter],
    });
    await vitest.close();
  } catch (error) {
    tally.failures.push(`the test run broke off: ${String(error)}`);
  }
  if (tally.passed + tally.failures.length === 0) tally.failures.push('no test was run');
  return tally;
}

function count(tally: Tally, module: TestModule, mayLeaveOut: boolean): void {
  let failed = false;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') {
      tally.passed += 1;
    } else if (state === 'failed' || !mayLeaveOut) {
      failed = true;
      tally.failures.push(state === 'failed' ? nameOf(test) : `${nameOf(test)} (${test.options.mode}: not run)`);
    }
  }
  if (module.state() === 'failed' && !failed)
    tally.failures.push(`${module.relativeModuleId} did not load or clean up`);
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`;
}
