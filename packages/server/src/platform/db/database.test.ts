import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { createEmptyDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { StartupError } from '../lifecycle.ts';
import { createLogger } from '../log.ts';
import { openDatabase } from './database.ts';
import type { OpenDatabase } from './database.ts';

const log = createLogger({ level: 'silent', format: 'json' });
let database: TestDatabase;

beforeAll(async () => {
  database = await createEmptyDatabase();
});
afterAll(() => database.drop());

describe('an open database', () => {
  let db: OpenDatabase;

  beforeEach(async () => {
    db = await openDatabase({ url: database.url, poolSize: 2, log });
    await db.query('DROP TABLE IF EXISTS t');
    await db.query('CREATE TABLE t (id int PRIMARY KEY)');
  });
  afterEach(() => db.close());

  const ids = async (): Promise<number[]> =>
    (await db.query<{ id: number }>('SELECT id FROM t ORDER BY id')).rows.map(({ id }) => id);

  test('bigints arrive as numbers and instants as epoch milliseconds, in arrays too', async () => {
    const { rows } = await db.query(
      `SELECT $1::bigint AS n, ARRAY[1, 2]::bigint[] AS ns, $2::timestamptz AS at, ARRAY[$2]::timestamptz[] AS ats,
              NULL::bigint AS none, count(*) AS count`,
      [9007199254740991, new Date(1234)],
    );
    expect(rows).toEqual([{ n: 9007199254740991, ns: [1, 2], at: 1234, ats: [1234], none: null, count: 1 }]);
  });

  test('a bigint that a number cannot hold is an error, not a wrong number', async () => {
    await expect(db.query('SELECT 9007199254740993')).rejects.toThrow('beyond 2^53');
    expect(await ids()).toEqual([]);
  });

  test('a named statement is prepared once and takes new values', async () => {
    const double = { name: 'double', text: 'SELECT $1::int * 2 AS twice' };
    expect((await db.query(double, [2])).rows).toEqual([{ twice: 4 }]);
    expect((await db.query(double, [4])).rows).toEqual([{ twice: 8 }]);
  });

  test('a transaction is committed when its function returns, with what it returned', async () => {
    const result = await db.transaction(async (tx) => {
      await tx.query('INSERT INTO t VALUES (1)');
      expect(await ids()).toEqual([]);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await ids()).toEqual([1]);
  });

  test('a transaction whose function throws is rolled back and throws the same', async () => {
    const boom = new Error('boom');
    const failing = db.transaction(async (tx) => {
      await tx.query('INSERT INTO t VALUES (1)');
      throw boom;
    });
    await expect(failing).rejects.toBe(boom);
    expect(await ids()).toEqual([]);
  });

  test('a transaction that swallowed a failed statement does not pass for committed', async () => {
    const failing = db.transaction(async (tx) => {
      await tx.query('INSERT INTO t VALUES (1)');
      await tx.query('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await ids()).toEqual([]);
  });

  test('a snapshot sees one instant and cannot write', async () => {
    await db
      .transaction(async (tx) => {
        await tx.query('SELECT 1');
        await db.query('INSERT INTO t VALUES (1)');
        expect((await tx.query('SELECT id FROM t')).rows).toEqual([]);
        await expect(tx.query('INSERT INTO t VALUES (2)')).rejects.toThrow('read-only');
        throw new Error('enough');
      }, 'snapshot')
      .catch(() => undefined);
    expect(await ids()).toEqual([1]);
  });

  test('connections that break in a transaction or while idle are replaced', async () => {
    const kill =
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';
    for (let round = 0; round < 3; round++) {
      const failing = db.transaction(async (tx) => {
        await tx.query('INSERT INTO t VALUES (1)');
        await db.query(kill);
        await tx.query('INSERT INTO t VALUES (2)');
      });
      await expect(failing).rejects.toThrow(/terminating connection|connection error|EPIPE|ECONNRESET/);
    }
    expect(await ids()).toEqual([]);
    expect(db.pool.totalCount).toBeLessThanOrEqual(2);
    await db.transaction(async (tx) => tx.query('INSERT INTO t VALUES (3)'));
    expect(await ids()).toEqual([3]);
  });

  test('ping answers while the database does, and closing twice is closing once', async () => {
    await db.ping();
    await db.close();
    await db.close();
    await expect(db.ping()).rejects.toThrow('after calling end');
  });
});

describe('a database that cannot be used is refused in one line without the password:', () => {
  const open = (url: string) => openDatabase({ url, poolSize: 1, log, connectBoundMs: 0 });

  test('nothing listens there', async () => {
    // No system gives out the first port, so that nobody listens there by chance.
    await expect(open('postgres://u:hunter2@127.0.0.1:1/chat')).rejects.toThrow(
      new StartupError('The database chat on 127.0.0.1:1 cannot be reached (ECONNREFUSED); check DATABASE_URL'),
    );
  });

  test('there is no such database', async () => {
    const url = new URL(inject('postgresUrl'));
    url.pathname = '/absent';
    await expect(open(url.href)).rejects.toThrow(
      new StartupError(
        `The database absent on ${url.searchParams.get('host')} does not exist; create the database or check DATABASE_URL`,
      ),
    );
  });

  test('there is no such user', async () => {
    const url = new URL(inject('postgresUrl'));
    url.searchParams.set('user', 'mallory');
    await expect(open(url.href)).rejects.toThrow(/^The database .* refused the user or password; check DATABASE_URL$/);
  });
});
