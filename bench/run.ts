/**
 * `npm run bench -- <scenario> [options]`: measures and prints a table; the last line is the result as JSON, with what it
 * ran on.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { churn } from './churn.ts';
import { fanout } from './fanout.ts';
import { idle } from './idle.ts';
import { match } from './match.ts';
import { mixed } from './mixed.ts';
import { raid } from './raid.ts';
import { read } from './read/scenario.ts';
import { send } from './send.ts';
import { slow } from './slow.ts';
import { start } from './start.ts';
import { storm } from './storm.ts';

/** Options by name, from `--name value`. Prints what people want to see as it goes, and resolves with the figures. */
type Scenario = (options: ReadonlyMap<string, string>) => Promise<object>;

const scenarios: Record<string, Scenario> = { fanout, send, idle, storm, slow, churn, read, start, mixed, match, raid };

function parse(args: readonly string[]): { scenario: Scenario; name: string; options: ReadonlyMap<string, string> } {
  const [name = '', ...rest] = args;
  const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
  if (scenario === undefined) throw new Error(`choose a scenario: ${Object.keys(scenarios).join(', ')}`);
  const options = new Map<string, string>();
  for (let i = 0; i < rest.length; i += 2) {
    const [option, value] = [rest[i], rest[i + 1]];
    if (option === undefined || !option.startsWith('--') || value === undefined)
      throw new Error('options are --name value');
    options.set(option.slice(2), value);
  }
  return { scenario, name, options };
}

function machine() {
  return {
    kernel: release(),
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    load: loadavg().map((load) => Number(load.toFixed(1))),
  };
}

const { scenario, name, options } = parse(process.argv.slice(2));
const before = machine();
console.log(
  Object.entries(before)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(' · '),
);
const result = await scenario(options);
console.log(JSON.stringify({ scenario: name, machine: before, loadAfter: machine().load, ...result }));
