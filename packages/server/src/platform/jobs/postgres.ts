/** Jobs in PostgreSQL, by graphile-worker: tables in the schema `jobs` of the same database. */
import { Logger as WorkerLogger, run, type Runner, runMigrations, runOnce, type TaskList } from 'graphile-worker';
import pg from 'pg';
import type { Clock, Timer } from '../clock.ts';
import type { Queryable } from '../db/index.ts';
import type { Logger } from '../log.ts';
import type { JobHandler, JobKind, JobOptions, Jobs } from './index.ts';
import { LivingWorkers } from './living-workers.ts';

const SCHEMA = 'jobs';
/** Connections of its own: one listens, one proves that this process lives, the others fetch and finish jobs. */
const POOL_SIZE = 4;
/** With the waits between them (up to 6 hours) some three days. */
const MAX_ATTEMPTS = 25;
/** How late a job may begin whose time comes while nothing else happens. */
const POLL_MS = 1000;
const RESTART_MS = 5000;
/** Any number no other program uses with the same database. */
const MIGRATION_LOCK = 0x6a6f6273;

const ENQUEUE = {
  name: 'jobs.enqueue',
  text: `SELECT 1 FROM ${SCHEMA}.add_job($1, payload => $2::json, run_at => $3::timestamptz, job_key => $4,
                                        max_attempts => ${MAX_ATTEMPTS})`,
};
// What is due by our clock is due by the database's.
const MAKE_DUE = `SELECT ${SCHEMA}.reschedule_jobs(array_agg(id), run_at => now()) FROM ${SCHEMA}.jobs
                  WHERE run_at > now() AND run_at <= $1`;

export interface PostgresJobsOptions {
  url: string;
  clock: Clock;
  log: Logger;
  /** Jobs that run at once. */
  concurrency: number;
}

export class PostgresJobs implements Jobs {
  readonly #options: PostgresJobsOptions;
  readonly #pool: pg.Pool;
  readonly #living: LivingWorkers;
  readonly #tasks: TaskList = {};
  #runner: Runner | undefined;
  #restart: Timer | undefined;
  #closed: Promise<void> | undefined;

  /** Connects when it has to. Needs the schema, see `migrateJobs`. */
  constructor(options: PostgresJobsOptions) {
    this.#options = options;
    this.#pool = new pg.Pool({ connectionString: options.url, max: POOL_SIZE, application_name: 'confab jobs' });
    this.#pool.on('error', (error) => {
      // While it ends, PostgreSQL may end too.
      if (!this.#pool.ending) options.log.warn({ err: error }, 'an idle database connection of jobs broke');
    });
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.#living = new LivingWorkers(this.#pool, SCHEMA, options);
  }

  async enqueue<P>(db: Queryable, kind: JobKind<P>, payload: P, { runAt, key }: JobOptions = {}): Promise<void> {
    // What is due already is left to the database's clock, which may be a little behind ours.
    const later = runAt !== undefined && runAt > this.#options.clock.now() ? new Date(runAt) : null;
    await db.query(ENQUEUE, [kind.name, JSON.stringify(payload), later, key ?? null]);
  }

  handle<P>(kind: JobKind<P>, handler: JobHandler<P>): void {
    if (kind.name in this.#tasks) throw new Error(`jobs of kind ${kind.name} have a handler`);
    this.#tasks[kind.name] = async (payload, { job }) => handler(kind.payload.parse(payload), job.id);
  }

  /** From here on jobs run when they are due, by the database's clock, until `close`. */
  async start(): Promise<void> {
    await this.#living.start();
    this.#runner = await run(this.#workerOptions());
    const ended = (error?: unknown) => {
      if (this.#closed !== undefined) return;
      this.#options.log.error({ err: error }, 'jobs stopped running; they are started again');
      this.#retryStart();
    };
    this.#runner.promise.then(() => ended(), ended);
  }

  /**
   * Runs now what is due by the injected clock, and what that enqueues, and resolves when nothing is left to run. For
   * a process in which jobs are not started.
   */
  async runDue(): Promise<void> {
    await this.#pool.query(MAKE_DUE, [new Date(this.#options.clock.now())]);
    await runOnce(this.#workerOptions());
  }

  /** Takes up no more jobs, waits for those that run, and closes its connections. Idempotent. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#restart?.cancel();
    try {
      await this.#runner?.stop();
    } catch {
      // It had ended on its own, which was logged.
    }
    this.#living.stop();
    await this.#pool.end();
  }

  #retryStart(): void {
    this.#living.release();
    this.#restart = this.#options.clock.setTimeout(() => {
      this.start().catch((error: unknown) => {
        this.#options.log.error({ err: error }, 'jobs could not be started');
        if (this.#closed === undefined) this.#retryStart();
      });
    }, RESTART_MS);
  }

  #workerOptions() {
    return {
      pgPool: this.#pool,
      schema: SCHEMA,
      taskList: this.#tasks,
      parsedCronItems: [],
      concurrency: this.#options.concurrency,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      logger: workerLogger(this.#options.log),
      preset: {
        plugins: [this.#living.plugin()],
        // Only what is recorded in batches is waited for when workers end.
        worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 },
      },
    };
  }
}

/** Creates or updates the schema `jobs`. Processes that do so at the same time wait for each other. */
export async function migrateJobs(url: string, log: Logger): Promise<void> {
  // Our own, since the library does not wait for the end of its own: PostgreSQL may be stopped right after this.
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  // A connection that breaks fails what is under way; without a listener it would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    const client = await pool.connect();
    try {
      await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
      await runMigrations({ pgPool: pool, schema: SCHEMA, logger: workerLogger(log) });
      await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    } finally {
      client.release();
    }
  } finally {
    await pool.end();
  }
}

// Its fields hold whole jobs, and so what people wrote; its messages name them by id.
function workerLogger(log: Logger): WorkerLogger {
  const levels = { error: 'error', warning: 'warn', info: 'debug', debug: 'trace' } as const;
  return new WorkerLogger(() => (level, message) => log[levels[level]]({ part: 'jobs' }, message));
}
