/**
 * Group commit: every change to a room goes through here. Changes that arrive while a commit is in flight go into the
 * next one, together, on a few lanes keyed by room, so the cost of a commit (fsync) is shared by all that waited for it.
 */
import { setImmediate } from 'node:timers/promises';
import { ProtocolError } from '@confab/protocol';
import type { Bus, Channel, EventFrame } from '../../platform/bus/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import { isDeadlock, isUniqueViolation } from '../../platform/db/errors.ts';
import { toProtocolError } from '../../platform/errors.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { type Elsewhere, RoomTx } from './room-tx.ts';

export type Outcome<T> = { ok: true; value: T } | { ok: false; error: ProtocolError };

/** What a change is about: a room, and for a thread also the room it hangs on, which is then locked too. */
export interface ChangeInput<Who extends string | null = string | null> {
  roomId: string;
  parentId: string | null;
  /** Who makes it: of somebody who is shut out while it waits it is refused. Null where nobody does, such as what a job does. */
  actorId: Who;
}

/** One kind of change, with the code that makes many of them at once. */
export interface ChangeKind<In extends ChangeInput, Out, Ready = void> {
  readonly name: string;
  /** Loads, before any lock is taken, what `apply` needs from elsewhere. */
  prepare?(batch: readonly In[]): Promise<Ready>;
  /**
   * Runs inside the transaction with every room of the batch locked. Answers one outcome per input, in order. A
   * refused input must not have written anything, but for what `tx.keep` is told of: decide first, then write. What it
   * throws aborts the transaction.
   */
  apply(batch: readonly In[], tx: RoomTx, ready: Ready): Promise<Outcome<Out>[]>;
}

interface Pending {
  kind: ChangeKind<ChangeInput, unknown, unknown>;
  input: ChangeInput;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export interface CommitterOptions extends Elsewhere {
  db: Database;
  bus: Bus;
  clock: Clock;
  metrics: Metrics;
  /** Those of `userIds` who may not use their accounts any more, should that have come about since this node was started. */
  shutOutSince: (db: Queryable, userIds: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Commits that may be in flight at once; each uses one connection. */
  lanes: number;
  /** Changes in one commit at most. */
  batch: number;
  /** Changes waiting on one lane at most; beyond that `overloaded`. */
  queue: number;
}

const ATTEMPTS = 3;
/** Events that are told in one turn of the event loop. */
const TOLD_AT_ONCE = 32;

interface Lane {
  queue: Pending[];
  running: Promise<void> | null;
}

export class Committer {
  readonly #options: CommitterOptions;
  readonly #lanes: Lane[];
  /** Transactions in flight. */
  readonly #transactions = new Set<Promise<unknown>>();
  #closed = false;

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#lanes = Array.from({ length: options.lanes }, () => ({ queue: [], running: null }));
  }

  /**
   * Makes one change, atomically. Resolves after COMMIT and after its events were published; changes of one room are
   * committed and published in the order they were handed in (of one kind; kinds within one commit may be regrouped).
   * A thread shares the lane of its parent room, whose messages it changes.
   * @throws ProtocolError what `apply` refused with; session_ended of whoever was shut out meanwhile; overloaded; unavailable
   * when the outcome may be unknown
   */
  run<In extends ChangeInput, Out, Ready>(kind: ChangeKind<In, Out, Ready>, input: In): Promise<Out> {
    if (this.#closed) return Promise.reject(new ProtocolError('unavailable'));
    const lane = this.#lanes[laneOf(input.parentId ?? input.roomId, this.#lanes.length)];
    if (lane === undefined || lane.queue.length >= this.#options.queue) {
      return Promise.reject(new ProtocolError('overloaded'));
    }
    return new Promise<Out>((resolve, reject) => {
      lane.queue.push({ kind, input, resolve, reject });
      lane.running ??= this.#drain(lane);
    });
  }

  /** Resolves once all that is in a transaction now is committed, or rolled back. What begins later sees what was committed. */
  async underWay(): Promise<void> {
    await Promise.allSettled(this.#transactions);
  }

  /** Refuses new changes and resolves once all accepted ones are committed and answered. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const lane of this.#lanes) await lane.running;
  }

  async #drain(lane: Lane): Promise<void> {
    // Lets everything that this turn of the event loop brings join the first batch.
    await Promise.resolve();
    let told: Promise<void> = Promise.resolve();
    do {
      while (lane.queue.length > 0) {
        const committed = await this.#commit(lane.queue.splice(0, this.#options.batch));
        // The next commit is on its way while this one is told; it is never further ahead.
        await told;
        told = this.#tell(committed);
      }
      await told;
    } while (lane.queue.length > 0);
    lane.running = null;
  }

  /** Never rejects: what fails is answered at once, and only what was done is still to be told. */
  async #commit(batch: Pending[]): Promise<Committed> {
    const { clock, metrics } = this.#options;
    const started = clock.now();
    try {
      const committed = await this.#attempt(batch);
      metrics.commitBatchSize.observe(batch.length);
      metrics.commitSeconds.observe((clock.now() - started) / 1000);
      return committed;
    } catch (error) {
      // A database that is away fails them all at once: tried alone, they would wait for it one after the other.
      const isAway = toProtocolError(error).code === 'unavailable' && !isDeadlock(error);
      if (batch.length === 1 || isAway) {
        for (const pending of batch) pending.reject(error);
        return { outcomes: [], frames: [], afterwards: [] };
      }
      // One bad change must not take its neighbours with it: each is tried alone.
      const alone: Committed[] = [];
      for (const pending of batch) alone.push(await this.#commit([pending]));
      return {
        outcomes: alone.flatMap(({ outcomes }) => outcomes),
        frames: alone.flatMap(({ frames }) => frames),
        afterwards: alone.flatMap(({ afterwards }) => afterwards),
      };
    }
  }

  /** Never rejects. What is much lets the event loop turn in between, so that the next commit is not kept waiting. */
  async #tell({ outcomes, frames, afterwards }: Committed): Promise<void> {
    try {
      for (const [i, { channel, frame }] of frames.entries()) {
        if (frames.length > TOLD_AT_ONCE && i % TOLD_AT_ONCE === 0) await setImmediate();
        this.#options.bus.publish(channel, frame);
      }
      for (const run of afterwards) run();
    } catch (error) {
      for (const [pending] of outcomes) pending.reject(error);
    }
    for (const [pending, outcome] of outcomes) {
      if (outcome.ok) pending.resolve(outcome.value);
      else pending.reject(outcome.error);
    }
  }

  async #attempt(batch: Pending[]): Promise<Committed> {
    const groups = Map.groupBy(batch, (pending) => pending.kind);
    const ready = new Map<Pending['kind'], unknown>();
    for (const [kind, pendings] of groups) {
      ready.set(kind, await kind.prepare?.(pendings.map((p) => p.input)));
    }
    const roomIds = [...new Set(batch.flatMap(({ input }) => [input.roomId, input.parentId]))].filter(
      (id) => id !== null,
    );
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#transaction((db) => this.#apply(db, roomIds, groups, ready));
      } catch (error) {
        if (error instanceof NothingToCommit) return { outcomes: error.outcomes, frames: [], afterwards: [] };
        // Another node took the same client id or direct room, or locked rooms crosswise: a fresh look settles it.
        if (attempt === ATTEMPTS || !(isDeadlock(error) || isUniqueViolation(error))) throw error;
      }
    }
  }

  async #transaction<T>(run: (db: Queryable) => Promise<T>): Promise<T> {
    const transaction = this.#options.db.transaction(run);
    this.#transactions.add(transaction);
    try {
      return await transaction;
    } finally {
      this.#transactions.delete(transaction);
    }
  }

  async #apply(
    db: Queryable,
    roomIds: string[],
    groups: Map<Pending['kind'], Pending[]>,
    ready: Map<Pending['kind'], unknown>,
  ): Promise<Committed> {
    const tx = await RoomTx.lock(db, roomIds, this.#options.clock.now(), this.#options);
    const outcomes: [Pending, Outcome<unknown>][] = [];
    const actors = [...groups.values()].flat().flatMap(({ input }) => input.actorId ?? []);
    const out = await this.#options.shutOutSince(db, [...new Set(actors)]);
    for (const [kind, all] of groups) {
      const pendings: Pending[] = [];
      for (const pending of all) {
        if (!out.has(pending.input.actorId ?? '')) pendings.push(pending);
        else outcomes.push([pending, { ok: false, error: new ProtocolError('session_ended') }]);
      }
      if (pendings.length === 0) continue;
      const results = await kind.apply(
        pendings.map((p) => p.input),
        tx,
        ready.get(kind),
      );
      pendings.forEach((pending, i) => {
        const result = results[i];
        if (result === undefined) throw new Error(`${kind.name} answered too few outcomes`);
        outcomes.push([pending, result]);
      });
    }
    if (!tx.keeps && outcomes.every(([, { ok }]) => !ok)) throw new NothingToCommit(outcomes);
    await tx.flush();
    return { outcomes, frames: tx.frames, afterwards: tx.afterwards };
  }
}

/** All was refused. The transaction is rolled back: a commit would wait for the disk, which has only seen the locks. */
class NothingToCommit extends Error {
  readonly outcomes: Committed['outcomes'];

  constructor(outcomes: Committed['outcomes']) {
    super('nothing was written');
    this.outcomes = outcomes;
  }
}

interface Committed {
  outcomes: [Pending, Outcome<unknown>][];
  frames: readonly { channel: Channel; frame: EventFrame }[];
  afterwards: readonly (() => void)[];
}

/** A kind whose changes are made one after the other. `change` must decide before it writes. */
export function oneByOne<In extends ChangeInput, Out>(
  name: string,
  change: (input: In, tx: RoomTx) => Promise<Out>,
): ChangeKind<In, Out> {
  return {
    name,
    async apply(batch, tx) {
      const outcomes: Outcome<Out>[] = [];
      for (const input of batch) {
        try {
          outcomes.push({ ok: true, value: await change(input, tx) });
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          outcomes.push({ ok: false, error });
        }
      }
      return outcomes;
    },
  };
}

// FNV-1a over the id: the random bits of a UUIDv7 are at its end, so all of it counts.
function laneOf(roomId: string, lanes: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < roomId.length; i += 1) hash = Math.imul(hash ^ roomId.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % lanes;
}
