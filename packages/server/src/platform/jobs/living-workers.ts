/**
 * Which workers live. graphile-worker leaves the jobs of a process that was killed locked for hours; here every pool of
 * workers holds an advisory lock for as long as its process is connected, and who finds jobs of a pool that holds none
 * gives them back.
 */
import type pg from 'pg';
import type { Clock, Timer } from '../clock.ts';
import type { Logger } from '../log.ts';

const LOOK_EVERY_MS = 15_000;
/** First key of the advisory locks; the second is made from the pool's id. */
const LOCK_CLASS = 0x776b7273;
// Shared, so that two pools whose ids happen to make the same key do not wait for each other.
const LOCK = 'SELECT pg_advisory_lock_shared($1, hashtext($2))';

export class LivingWorkers {
  readonly #pool: pg.Pool;
  readonly #schema: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #poolIds = new Set<string>();
  #client: Promise<pg.PoolClient> | undefined;
  #timer: Timer | undefined;

  constructor(pool: pg.Pool, schema: string, { clock, log }: { clock: Clock; log: Logger }) {
    this.#pool = pool;
    this.#schema = schema;
    this.#clock = clock;
    this.#log = log;
  }

  /** Gives back the jobs of dead workers, now and every 15 s. */
  async start(): Promise<void> {
    await this.#giveBack();
    this.#timer ??= this.#clock.setInterval(() => {
      this.#look().catch((error: unknown) => this.#log.warn({ err: error }, 'dead workers could not be looked for'));
    }, LOOK_EVERY_MS);
  }

  /** Lets go of all locks: the workers have ended, and what they left undone is for others. */
  release(): void {
    this.#poolIds.clear();
    // Closed, not given back to the pool: the locks end with it.
    void this.#client?.then(
      (client) => client.release(true),
      () => undefined,
    );
    this.#client = undefined;
  }

  stop(): void {
    this.#timer?.cancel();
    this.release();
  }

  /** Takes the lock before a worker takes its first job. */
  plugin() {
    return {
      name: 'LivingWorkersPlugin',
      version: '1.0.0',
      worker: {
        hooks: {
          startWorker: (_context: unknown, { worker }: { worker: { workerPool: { id: string } } }) =>
            this.#hold(worker.workerPool.id),
        },
      },
    };
  }

  async #hold(poolId: string): Promise<void> {
    if (this.#poolIds.has(poolId)) return;
    this.#poolIds.add(poolId);
    // A new connection may have taken it already: taking a lock twice does no harm.
    const client = await this.#connection();
    await client.query(LOCK, [LOCK_CLASS, poolId]);
  }

  async #look(): Promise<void> {
    await this.#connection();
    await this.#giveBack();
  }

  // Locks end with their connection: a new one takes them anew.
  #connection(): Promise<pg.PoolClient> {
    if (this.#client !== undefined) return this.#client;
    const connecting = this.#connect();
    const forget = () => {
      if (this.#client === connecting) this.#client = undefined;
    };
    connecting.then((client) => client.once('end', forget), forget);
    this.#client = connecting;
    return connecting;
  }

  async #connect(): Promise<pg.PoolClient> {
    const client = await this.#pool.connect();
    try {
      for (const poolId of this.#poolIds) await client.query(LOCK, [LOCK_CLASS, poolId]);
      return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  async #giveBack(): Promise<void> {
    await this.#pool.query(
      `SELECT ${this.#schema}.force_unlock_workers(array_agg(locked_by))
       FROM (SELECT DISTINCT locked_by FROM ${this.#schema}.jobs WHERE locked_by IS NOT NULL OFFSET 0) w
       WHERE pg_try_advisory_xact_lock($1, hashtext(locked_by))`,
      [LOCK_CLASS],
    );
  }
}
