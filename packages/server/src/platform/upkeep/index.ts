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
/** Longer than any task takes: after that another node may try. */
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
 * while at it is replaced after 15 minutes. What a task throws is logged and counted; it is tried again the next time.
 */
export class Upkeep {
  readonly #deps: { db: Database; clock: Clock; log: Logger; metrics: Metrics };
  readonly #tasks = new Map<string, Task>();
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
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
      `INSERT INTO upkeep.tasks (name, next_at) SELECT * FROM unnest($1::text[], $2::timestamptz[])
       ON CONFLICT (name) DO NOTHING`,
      [tasks.map((task) => task.name), tasks.map((task) => new Date(now + task.everyMs))],
    );
    this.#timer = clock.setInterval(() => void this.#lookOnce(), LOOK_EVERY_MS);
  }

  /** Resolves once everything that is due by now was run, here or on another node. */
  async runDue(): Promise<void> {
    // What is under way may have looked before the latest became due.
    await this.#running;
    await this.#lookOnce();
  }

  /** Begins nothing more and resolves once nothing runs. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    await this.#running;
  }

  #lookOnce(): Promise<void> {
    return (this.#running ??= this.#look().finally(() => (this.#running = undefined)));
  }

  async #look(): Promise<void> {
    const { log } = this.#deps;
    try {
      for (const row of await this.#rows()) {
        const task = this.#tasks.get(row.name);
        if (task === undefined) continue;
        this.#tell(row);
        if (row.due && !this.#stopping) await this.#run(task);
      }
    } catch (error) {
      log.warn({ err: error }, 'what is due could not be looked up');
    }
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
    const claimed = await db.query(
      `UPDATE upkeep.tasks SET claimed_until = $3
       WHERE name = $1 AND next_at <= $2 AND (claimed_until IS NULL OR claimed_until <= $2) RETURNING name`,
      [task.name, new Date(began), new Date(began + CLAIM_MS)],
    );
    if (claimed.rows.length === 0) return;
    let succeeded = true;
    try {
      await task.run();
    } catch (error) {
      succeeded = false;
      log.error({ err: error, task: task.name }, 'a periodic task failed');
    }
    const ended = clock.now();
    await db.query(
      `UPDATE upkeep.tasks SET next_at = $2, claimed_until = NULL, ran_at = $3, succeeded = $4, took_ms = $5
       WHERE name = $1`,
      [task.name, new Date(began + task.everyMs), new Date(ended), succeeded, ended - began],
    );
    this.#tell({ name: task.name, ran_at: ended, succeeded, took_ms: ended - began });
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
