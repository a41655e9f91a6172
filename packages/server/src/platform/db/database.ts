/** The `Database` contract on `pg`. */
import pg from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import { StartupError } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import type { Database, Queryable } from './index.ts';

export interface DatabaseOptions {
  url: string;
  poolSize: number;
  log: Logger;
  /** How long to wait for a server that cannot be reached yet; 10 s unless told. */
  connectBoundMs?: number;
}

/** A pool of connections. Broken ones are replaced; an idle one that breaks is only logged. */
export interface OpenDatabase extends Database {
  readonly pool: pg.Pool;
  /** Resolves when the server answers; rejects when it does not within 2 s. */
  ping(): Promise<void>;
  /** Waits for running queries, then closes all connections. Idempotent. */
  close(): Promise<void>;
}

const OLDEST_MAJOR = 15;
const STATEMENT_BOUND_MS = 15_000;
const PING_BOUND_MS = 2_000;

const { builtins } = pg.types;
const INT8_ARRAY = 1016;
const TIMESTAMPTZ_ARRAY = 1185;

/**
 * Connects and checks the server's version. A server that cannot be reached or is still starting is tried again for
 * `connectBoundMs`; what waiting cannot mend (password, database, version) is reported at once.
 *
 * @throws {StartupError} naming host and database, never the password.
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  const { url, log } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize,
    application_name: 'confab',
    connectionTimeoutMillis: 10_000,
    statement_timeout: STATEMENT_BOUND_MS,
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
    types: { getTypeParser },
  });
  pool.on('error', (error) => {
    // While it ends, PostgreSQL may end too.
    if (!pool.ending) log.warn({ err: error }, 'an idle database connection broke');
  });
  // One that breaks between two queries of a transaction would throw here; the next query tells of it anyway.
  pool.on('connect', (client) => client.on('error', () => undefined));

  try {
    await checkServer(pool, url, options.connectBoundMs ?? 10_000);
  } catch (error) {
    await pool.end();
    throw error;
  }

  let closed: Promise<void> | undefined;
  return {
    pool,
    ...queryableOn(pool),
    transaction: (fn, mode) => transaction(pool, fn, mode),
    async ping() {
      const bound = new AbortController();
      const tooLate = delay(PING_BOUND_MS, undefined, { signal: bound.signal }).then(() => {
        throw new Error('the database does not answer');
      });
      try {
        await Promise.race([pool.query('SELECT 1'), tooLate]);
      } finally {
        bound.abort();
      }
    },
    close: () => (closed ??= pool.end()),
  };
}

type Submit = (query: pg.Submittable, callback: (error: unknown, result: pg.QueryResult) => void) => unknown;

function queryableOn(client: pg.Pool | pg.PoolClient): Queryable {
  const submit: Submit = client.query.bind(client);
  return {
    async query<Row>(sql: string | { name: string; text: string }, values: readonly unknown[] = []) {
      const { text, name } = typeof sql === 'string' ? { text: sql, name: undefined } : sql;
      // Given a text, pg does not copy a configuration property by property, which took longer than parsing a message.
      const query = Object.assign(new pg.Query(text, [...values]), { name });
      const done = Promise.withResolvers<pg.QueryResult>();
      submit(query, (error, result) => (error ? done.reject(error) : done.resolve(result)));
      try {
        const { rows } = await done.promise;
        // Types of rows are the caller's word; there is no way to check them here.
        return { rows: rows as Row[] };
      } catch (error) {
        // It would lead to the socket, not to whoever asked.
        if (error instanceof Error) Error.captureStackTrace(error);
        throw error;
      }
    },
  };
}

/**
 * Runs `fn` between BEGIN and COMMIT on one connection of `pool`, which is always given back, or destroyed when it
 * can no longer be trusted. When this rejects with anything but what `fn` threw, the outcome may be unknown: a
 * connection that breaks during COMMIT does not tell whether it was done.
 */
async function transaction<T>(pool: pg.Pool, fn: (tx: Queryable) => Promise<T>, mode?: 'snapshot'): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(mode === 'snapshot' ? 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY' : 'BEGIN');
    const result = await fn(queryableOn(client));
    // The server answers ROLLBACK to the COMMIT of a transaction in which a statement failed.
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back: a failed statement was ignored in it');
    return result;
  } catch (error) {
    try {
      await client.query('ROLLBACK');
    } catch (rollbackError) {
      broken = rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError));
    }
    throw error;
  } finally {
    client.release(broken);
  }
}

/** `int8` as number (all of ours are counters below 2^53), `timestamptz` as epoch milliseconds, and arrays of them without nulls. */
const parsers = new Map<number, (text: string) => unknown>([
  [builtins.INT8, toSafeInteger],
  [builtins.TIMESTAMPTZ, toEpochMs],
  [INT8_ARRAY, (text) => pgParser<string[]>(INT8_ARRAY)(text).map(toSafeInteger)],
  [TIMESTAMPTZ_ARRAY, (text) => pgParser<Date[]>(TIMESTAMPTZ_ARRAY)(text).map(Number)],
]);

function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  const parser = format === 'binary' ? undefined : parsers.get(oid);
  return parser ?? (pg.types.getTypeParser(oid, format) as (value: string) => unknown);
}

function toSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`a bigint of the database is beyond 2^53: ${text}`);
  return value;
}

function toEpochMs(text: string): number {
  return Number(pgParser<Date>(builtins.TIMESTAMPTZ)(text));
}

function pgParser<T>(oid: number): (text: string) => T {
  return pg.types.getTypeParser(oid) as (text: string) => T;
}

/** Failures that pass: the server is not there yet, or not ready (class 57P), or its name is not known yet. */
const TRANSIENT =
  /^(?:ECONNREFUSED|ECONNRESET|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|57P0\d|53300)$/;
const RETRY_MS = 250;

async function checkServer(pool: pg.Pool, url: string, boundMs: number): Promise<void> {
  const deadline = performance.now() + boundMs;
  for (;;) {
    try {
      const { rows } = await pool.query<{ server_version: string }>('SHOW server_version');
      const version = rows[0]?.server_version ?? '';
      if (Number.parseInt(version, 10) >= OLDEST_MAJOR) return;
      throw new StartupError(`${describe(url)} is PostgreSQL ${version}; ${OLDEST_MAJOR} or later is needed`);
    } catch (error) {
      if (error instanceof StartupError) throw error;
      const code = codeOf(error);
      if (!TRANSIENT.test(code) || performance.now() + RETRY_MS > deadline) {
        throw new StartupError(explain(url, code, error), { cause: error });
      }
      await delay(RETRY_MS);
    }
  }
}

function explain(url: string, code: string, error: unknown): string {
  const where = describe(url);
  if (code === '28P01' || code === '28000') return `${where} refused the user or password; check DATABASE_URL`;
  if (code === '3D000') return `${where} does not exist; create the database or check DATABASE_URL`;
  return `${where} cannot be reached (${code || String(error)}); check DATABASE_URL`;
}

function codeOf(error: unknown): string {
  // A host with several addresses fails with one error for each.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error && 'code' in first ? String(first.code) : '';
}

/** The database by host, port and name, without user and password. */
function describe(url: string): string {
  const { host, hostname, pathname, searchParams } = new URL(url);
  const where = searchParams.get('host') ?? (hostname === '' ? 'localhost' : host);
  return `The database ${pathname.slice(1) || '(unnamed)'} on ${where}`;
}
