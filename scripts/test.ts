/**
 * `npm test`: system peers, the web build, `npm run check`, then every test. `npm test -- <filters and vitest options>`
 * runs the tests that match, and no check. The last line is `N passed, N failed`; each part of the check counts as one.
 */
import { parseCLI } from 'vitest/node';
import { build } from './build.ts';
import { check } from './check.ts';
import { ensurePeers } from './peers.ts';
import { runTests } from './run-tests.ts';

const args = process.argv.slice(2);
const { filter, options } = parseCLI(['vitest', 'run', ...args]);

let passed = 0;
const failures = ensurePeers();
if (failures.length === 0) {
  if (!build()) failures.push('the web client does not build');
  if (args.length === 0) {
    for (const { part, ok } of await check()) {
      if (ok) passed += 1;
      else failures.push(`check: ${part}`);
    }
  }
  const tests = await runTests(filter, options);
  passed += tests.passed;
  failures.push(...tests.failures);
}

for (const failure of failures) console.log(`✗ ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
// Not left to the event loop: a handle that a test forgot must not keep the run from ending.
process.exit(failures.length === 0 ? 0 : 1);
