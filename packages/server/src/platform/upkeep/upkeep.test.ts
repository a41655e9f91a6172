/** Periodic tasks: one node at a time, once whatever the number of nodes. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { FakeClock } from '../clock.ts';
import { openDatabase, type OpenDatabase } from '../db/database.ts';
import { createLogger } from '../log.ts';
import { createMetrics, type Metrics } from '../metrics.ts';
import { type Task, Upkeep } from './index.ts';

const MINUTE = 60_000;
let database: TestDatabase;
let db: OpenDatabase;
const log = createLogger({ level: 'fatal', format: 'json' });
const started: Upkeep[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  db = await openDatabase({ url: database.url, poolSize: 4, log });
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((upkeep) => upkeep.stop()));
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const clock = new FakeClock();

async function node(...tasks: readonly Task[]): Promise<Metrics> {
  const metrics = createMetrics(clock);
  const upkeep = new Upkeep({ db, clock, log, metrics });
  upkeep.add(...tasks);
  await upkeep.start();
  started.push(upkeep);
  return metrics;
}

async function pass(ms: number): Promise<void> {
  await clock.advance(ms);
  await Promise.all(started.map((upkeep) => upkeep.runDue()));
  // Those that another node ran are told of at the next look.
  await Promise.all(started.map((upkeep) => upkeep.runDue()));
}

test('a task runs once each time it is due, whatever the number of nodes, and every node tells of it', async () => {
  let runs = 0;
  const task = { name: 'test.shared', everyMs: MINUTE, run: async () => void (runs += 1) };
  const nodes = await Promise.all([node(task), node(task), node(task)]);
  await pass(MINUTE - 5000);
  expect(runs).toBe(0);
  await pass(10_000);
  expect(runs).toBe(1);
  await pass(MINUTE);
  await pass(MINUTE);
  expect(runs).toBe(3);
  for (const metrics of nodes) {
    const { text } = await metrics.prometheus();
    expect(text).toContain('confab_task_last_succeeded{task="test.shared"} 1');
    expect(text).toMatch(/confab_task_last_run_timestamp_seconds\{task="test.shared"\} \d/);
  }
});

test('one that fails is told as failed, and is tried again the next time', async () => {
  let runs = 0;
  const run = async () => {
    runs += 1;
    if (runs === 1) throw new Error('not today');
  };
  const metrics = await node({ name: 'test.failing', everyMs: MINUTE, run });
  const told = async () => /last_succeeded\{task="test.failing"\} (\d)/.exec((await metrics.prometheus()).text)?.[1];
  await pass(MINUTE + 5000);
  expect([runs, await told()]).toEqual([1, '0']);
  await pass(MINUTE);
  expect([runs, await told()]).toEqual([2, '1']);
});

test('while one node is at it no other begins; the claim of a node that died ends', async () => {
  let runs = 0;
  await node({ name: 'test.claimed', everyMs: MINUTE, run: async () => void (runs += 1) });
  // As a node leaves it that was killed while at it.
  await db.query("UPDATE upkeep.tasks SET claimed_until = $1 WHERE name = 'test.claimed'", [
    new Date(clock.now() + 15 * MINUTE),
  ]);
  await pass(14 * MINUTE);
  expect(runs).toBe(0);
  await pass(2 * MINUTE);
  expect(runs).toBeGreaterThan(0);
});

test('one that does not end keeps no other from running, counts as failed in the end, and is tried again', async () => {
  let [stuck, runs] = [0, 0];
  const mended = Promise.withResolvers<void>();
  const hanging = async () => {
    stuck += 1;
    await mended.promise;
  };
  const metrics = await node(
    { name: 'test.a_hanging', everyMs: MINUTE, run: hanging },
    { name: 'test.b_other', everyMs: MINUTE, run: async () => void (runs += 1) },
  );
  const told = async () => /last_succeeded\{task="test.a_hanging"\} (\d)/.exec((await metrics.prometheus()).text)?.[1];
  const until = (reached: () => boolean | Promise<boolean>) =>
    expect
      .poll(async () => {
        await clock.advance(5000);
        return reached();
      })
      .toBe(true);
  await until(() => stuck === 1 && runs >= 1);
  await until(() => runs >= 3);
  expect(stuck).toBe(1);
  await clock.advance(15 * MINUTE);
  await until(async () => (await told()) === '0' && stuck === 2);
  mended.resolve();
  await until(async () => (await told()) === '1');
});
