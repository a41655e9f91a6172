/** Work that has to be done every so often, by one node of all: what has expired is removed, what was left is put away. */
import type { Clock, Timer } from '../clock.ts';
import type { Database } from '../db/index.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';

export interface Task {
  /** Names its row and its metrics: it never changes. */
  name: string;
  everyMs: number;
  /** Idempotent: it may run again at once, and was perhaps cut short before. */
  run(): Promise<void>;
}

/** How often a node looks for what is due. */
const LOOK_EVERY_MS = 5000;
/** Longer than any task takes: after that it counts as failed, and any node may try. */
const CLAIM_MS = 15 * 60_000;

interface Row {
  name: string;
  ran_at: number | null;
  succeeded: boolean | null;
  took_ms: number | null;
  due: boolean;
}

/**
 * Runs each task about every `everyMs`, on one node at a time and once whatever the number of nodes; a node that dies
 * while at it is replaced after 15 minutes. What a task throws is logged and counted; it is tried again the next time. No
 * task waits for another.
 */
export class Upkeep {
  readonly #deps: { db: Database; clock: Clock; log: Logger; metrics: Metrics };
  readonly #tasks = new Map<string, Task>();
  #timer: Timer | undefined;
  #looking: Promise<void> | undefined;
  /** By name. */
  readonly #running = new Map<string, Promise<void>>();
  #stopping = false;

  constructor(deps: { db: Database; clock: Clock; log: Logger; metrics: Metrics }) {
    this.#deps = deps;
  }

  /** To be called before `start`. */
  add(...tasks: readonly Task[]): void {
    for (const task of tasks) this.#tasks.set(task.name, task);
  }

  /** From here on tasks run when they are due; each for the first time once it has been due on any node. */
  async start(): Promise<void> {
    const { db, clock } = this.#deps;
    const tasks = [...this.#tasks.values()];
    const now = clock.now();
    await db.query(
      `INSERT INTO upkeep.tasks (name, next_at, every_ms)
       SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::bigint[]) ORDER BY 1
       ON CONFLICT (name) DO UPDATE SET every_ms = excluded.every_ms`,
      [
        tasks.map((task) => task.name),
        tasks.map((task) => new Date(now + task.everyMs)),
        tasks.map((task) => task.everyMs),
      ],
    );
    this.#timer = clock.setInterval(() => void this.#lookOnce(), LOOK_EVERY_MS);
  }

  /** Resolves once everything that is due by now was run, here or on another node. */
  async runDue(): Promise<void> {
    // What is under way may have looked before the latest became due.
    await this.#idle();
    await this.#lookOnce();
    await this.#idle();
  }

  /** Begins nothing more and resolves once nothing runs. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    await this.#idle();
  }

  async #idle(): Promise<void> {
    await this.#looking;
    await Promise.all(this.#running.values());
  }

  #lookOnce(): Promise<void> {
    return (this.#looking ??= this.#look().finally(() => (this.#looking = undefined)));
  }

  async #look(): Promise<void> {
    const { log } = this.#deps;
    try {
      for (const row of await this.#rows()) {
        const task = this.#tasks.get(row.name);
        if (task === undefined) continue;
        this.#tell(row);
        if (row.due && !this.#stopping && !this.#running.has(task.name)) this.#begin(task);
      }
    } catch (error) {
      log.warn({ err: error }, 'what is due could not be looked up');
    }
  }

  #begin(task: Task): void {
    const run = this.#run(task)
      .catch((error: unknown) => this.#deps.log.warn({ err: error, task: task.name }, 'a periodic task was not noted'))
      .finally(() => this.#running.delete(task.name));
    this.#running.set(task.name, run);
  }

  async #rows(): Promise<Row[]> {
    const { rows } = await this.#deps.db.query<Row>(
      {
        name: 'upkeep.tasks',
        text: `SELECT name, ran_at, succeeded, took_ms,
                 next_at <= $1 AND (claimed_until IS NULL OR claimed_until <= $1) AS due
               FROM upkeep.tasks ORDER BY name`,
      },
      [new Date(this.#deps.clock.now())],
    );
    return rows;
  }

  async #run(task: Task): Promise<void> {
    const { db, clock, log } = this.#deps;
    const began = clock.now();
    const until = new Date(began + CLAIM_MS);
    const claimed = await db.query(
      `UPDATE upkeep.tasks SET claimed_until = $3
       WHERE name = $1 AND next_at <= $2 AND (claimed_until IS NULL OR claimed_until <= $2) RETURNING name`,
      [task.name, new Date(began), until],
    );
    if (claimed.rows.length === 0) return;
    let succeeded = true;
    try {
      await this.#inTime(task);
    } catch (error) {
      succeeded = false;
      log.error({ err: error, task: task.name }, 'a periodic task failed');
    }
    const ended = clock.now();
    await db.query(
      // Unless another node is at it by now.
      `UPDATE upkeep.tasks SET next_at = $2, claimed_until = NULL, ran_at = $3, succeeded = $4, took_ms = $5
       WHERE name = $1 AND claimed_until = $6`,
      [task.name, new Date(began + task.everyMs), new Date(ended), succeeded, ended - began, until],
    );
    this.#tell({ name: task.name, ran_at: ended, succeeded, took_ms: ended - began });
  }

  // What does not end is left alone.
  async #inTime(task: Task): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = this.#deps.clock.setTimeout(() => late.reject(new Error('it did not end in time')), CLAIM_MS);
    try {
      await Promise.race([task.run(), late.promise]);
    } finally {
      timer.cancel();
    }
  }

  // By the database's word, so that every node tells the same.
  #tell({ name: task, ran_at, succeeded, took_ms }: Omit<Row, 'due'>): void {
    if (ran_at === null) return;
    const { metrics } = this.#deps;
    metrics.taskLastRun.set({ task }, ran_at / 1000);
    metrics.taskSucceeded.set({ task }, succeeded === true ? 1 : 0);
    metrics.taskSeconds.set({ task }, (took_ms ?? 0) / 1000);
  }
}

/** A task as the doctor looks at it. Times are epoch ms. */
export interface TaskState {
  name: string;
  everyMs: number;
  /** null: it has not run yet. */
  ranAt: number | null;
  succeeded: boolean | null;
  nextAt: number;
}

/** Every task that a node of this database knows of, by name. */
export async function taskStates(db: Database): Promise<TaskState[]> {
  const { rows } = await db.query<TaskState>(
    `SELECT name, every_ms AS "everyMs", ran_at AS "ranAt", succeeded, next_at AS "nextAt"
     FROM upkeep.tasks WHERE every_ms IS NOT NULL ORDER BY name`,
  );
  return rows;
}
