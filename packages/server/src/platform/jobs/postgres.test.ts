import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '../../../test/database.ts';
import { type Clock, FakeClock, systemClock } from '../clock.ts';
import { openDatabase, type OpenDatabase } from '../db/database.ts';
import { createLogger } from '../log.ts';
import type { JobKind } from './index.ts';
import { migrateJobs, PostgresJobs } from './postgres.ts';

const greet: JobKind<{ name: string }> = { name: 'test.greet', payload: z.object({ name: z.string() }) };
const HOUR = 3_600_000;

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function setUp() {
  const database = await createTestDatabase();
  cleanups.push(() => database.drop());
  let logged = '';
  const log = createLogger({ level: 'trace', format: 'json' }, { write: (line) => void (logged += line) });
  const db = await openDatabase({ url: database.url, poolSize: 4, log });
  cleanups.push(() => db.close());
  const clock = new FakeClock();
  return {
    db,
    clock,
    log,
    url: database.url,
    logged: () => logged,
    /** One process. Handlers are told of what they run in `ran`. */
    node: (handler: (payload: { name: string }, id: string) => Promise<void>, on: Clock = clock) => {
      const jobs = new PostgresJobs({ url: database.url, clock: on, log, concurrency: 3 });
      jobs.handle(greet, handler);
      cleanups.push(() => jobs.close());
      return jobs;
    },
  };
}

async function waiting(db: OpenDatabase): Promise<number> {
  const { rows } = await db.query<{ count: number }>('SELECT count(*) AS count FROM jobs.jobs');
  return rows[0]?.count ?? -1;
}

describe('a job', () => {
  test('exists exactly if the transaction that enqueued it was committed', async () => {
    const { db, node } = await setUp();
    const ran: string[] = [];
    const jobs = node(async ({ name }) => void ran.push(name));
    await db.transaction((tx) => jobs.enqueue(tx, greet, { name: 'kept' }));
    await expect(
      db.transaction(async (tx) => {
        await jobs.enqueue(tx, greet, { name: 'rolled back' });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await jobs.runDue();
    expect(ran).toEqual(['kept']);
    expect(await waiting(db)).toBe(0);
  });

  test('waits for its time', async () => {
    const { db, clock, node } = await setUp();
    const ran: string[] = [];
    const jobs = node(async ({ name }) => void ran.push(name));
    await jobs.enqueue(db, greet, { name: 'later' }, { runAt: clock.now() + HOUR });
    await clock.advance(HOUR - 1);
    await jobs.runDue();
    expect(ran).toEqual([]);
    await clock.advance(1);
    await jobs.runDue();
    expect(ran).toEqual(['later']);
  });

  test('replaces a waiting one with the same key', async () => {
    const { db, clock, node } = await setUp();
    const ran: string[] = [];
    const jobs = node(async ({ name }) => void ran.push(name));
    await jobs.enqueue(db, greet, { name: 'first' }, { runAt: clock.now() + HOUR, key: 'greeting' });
    await jobs.enqueue(db, greet, { name: 'second' }, { runAt: clock.now() + 2 * HOUR, key: 'greeting' });
    await clock.advance(HOUR);
    await jobs.runDue();
    expect(ran).toEqual([]);
    await clock.advance(HOUR);
    await jobs.runDue();
    expect(ran).toEqual(['second']);
  });

  test('that fails is tried again later, under the same id, and the failure is logged', async () => {
    const { db, clock, node, logged } = await setUp();
    const ids: string[] = [];
    const jobs = node(async (_payload, id) => {
      ids.push(id);
      if (ids.length === 1) throw new Error('the greeter is hoarse');
    });
    await jobs.enqueue(db, greet, { name: 'again' });
    await jobs.runDue();
    expect(ids).toHaveLength(1);
    expect(await waiting(db)).toBe(1);
    expect(logged()).toContain('the greeter is hoarse');
    await clock.advance(HOUR);
    await jobs.runDue();
    expect(ids).toHaveLength(2);
    expect(ids[1]).toBe(ids[0]);
    expect(await waiting(db)).toBe(0);
  });

  test('whose payload is not as its kind says does not reach the handler', async () => {
    const { db, node } = await setUp();
    const ran: string[] = [];
    const jobs = node(async ({ name }) => void ran.push(name));
    await db.query('SELECT jobs.add_job($1, payload => $2::json)', [greet.name, '{"name": 1}']);
    await jobs.runDue();
    expect(ran).toEqual([]);
    expect(await waiting(db)).toBe(1);
  });
});

describe('started jobs', () => {
  test('run by themselves, at once and when their time has come, and many at a time once each', async () => {
    const { db, node } = await setUp();
    const ran: string[] = [];
    const all = Promise.withResolvers<void>();
    const jobs = node(async ({ name }) => {
      ran.push(name);
      if (ran.length === 21) all.resolve();
    }, systemClock);
    await jobs.start();
    await jobs.enqueue(db, greet, { name: 'soon' }, { runAt: systemClock.now() + 20 });
    await Promise.all(Array.from({ length: 20 }, (_, i) => jobs.enqueue(db, greet, { name: `${i}` })));
    await all.promise;
    await jobs.close();
    expect(ran.toSorted()).toEqual([...Array.from({ length: 20 }, (_, i) => `${i}`), 'soon'].toSorted());
  });

  test('are waited for by close', async () => {
    const { db, node } = await setUp();
    const begun = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const steps: string[] = [];
    const jobs = node(async () => {
      begun.resolve();
      await mayEnd.promise;
      steps.push('done');
    });
    await jobs.start();
    await jobs.enqueue(db, greet, { name: 'slow' });
    await begun.promise;
    const closed = jobs.close().then(() => steps.push('closed'));
    mayEnd.resolve();
    await closed;
    expect(steps).toEqual(['done', 'closed']);
    expect(await waiting(db)).toBe(0);
  });

  test('of a process that died are run by another one; those of a living one are left to it', async () => {
    const { db, node } = await setUp();
    const begun = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const ran: string[] = [];
    const living = node(async ({ name }) => {
      begun.resolve();
      await mayEnd.promise;
      ran.push(`${name} by the living`);
    });
    await living.start();
    await living.enqueue(db, greet, { name: 'taken' });
    await begun.promise;
    await db.transaction(async (tx) => {
      await living.enqueue(tx, greet, { name: 'orphan' });
      await tx.query(
        `UPDATE jobs._private_jobs SET locked_by = 'pool-dead', locked_at = now() WHERE payload->>'name' = 'orphan'`,
      );
    });
    const orphaned = Promise.withResolvers<void>();
    const other = node(async ({ name }) => {
      ran.push(`${name} by the other`);
      orphaned.resolve();
    });
    await other.start();
    await orphaned.promise;
    mayEnd.resolve();
    await living.close();
    expect(ran).toEqual(['orphan by the other', 'taken by the living']);
  });
});

test('the schema is made once, also by processes that start together', async () => {
  const { url, log, db } = await setUp();
  await db.query('DROP SCHEMA jobs CASCADE');
  await Promise.all([migrateJobs(url, log), migrateJobs(url, log), migrateJobs(url, log)]);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('SELECT count(*) = count(DISTINCT id) AS once FROM jobs.migrations');
  await client.end();
  expect(rows).toEqual([{ once: true }]);
});
