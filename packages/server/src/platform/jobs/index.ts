/** Work that is done later, or beside the request that causes it. `postgres.ts` implements it. */
import type { z } from 'zod';
import type { Queryable } from '../db/index.ts';

/** One kind of job. What was enqueued by another version of the program is parsed before it runs. */
export interface JobKind<P> {
  /** Stored with each job: it never changes. */
  readonly name: string;
  readonly payload: z.ZodType<P>;
}

export interface JobOptions {
  /** Epoch ms; at once unless told. */
  runAt?: number;
  /** Of jobs with the same key that have not begun, only the one enqueued last is kept. */
  key?: string;
}

/**
 * Runs it. It runs at least once for each job, on any node, and may run again after it finished, should the node die before
 * that is recorded: `id` is the same each time. What it throws is logged, and it is tried again, each time after a
 * longer wait, for some days.
 */
export type JobHandler<P> = (payload: P, id: string) => Promise<void>;

export interface Jobs {
  /**
   * Adds a job as part of the transaction `db`: it exists exactly if what caused it was committed. Jobs run in no
   * particular order.
   */
  enqueue<P>(db: Queryable, kind: JobKind<P>, payload: P, options?: JobOptions): Promise<void>;
  /** Says how jobs of a kind are done. To be called before the jobs are started; once for each kind. */
  handle<P>(kind: JobKind<P>, handler: JobHandler<P>): void;
}
