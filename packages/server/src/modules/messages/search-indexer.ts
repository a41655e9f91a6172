/** Makes messages findable after they were committed: off the path of sending, many at a time. */
import type { Clock, Timer } from '../../platform/clock.ts';
import { isRefusedData } from '../../platform/db/errors.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import type { Logger } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { MessageRow } from './rows.ts';
import { entriesOf, type Room, saveEntries } from './search-index.ts';

/** How long the first of many is let wait for others: where little is said, one by one would cost as much as sending them. A
 * search does not wait for it. */
const GATHER_MS = 1_000;
/** How many times as long as a transaction took the next one waits while messages are being sent: in a burst, */
const IN_A_BURST = 9;
/** and once there has been more to do than was done for longer than one lasts. */
const FOR_LONG = 1;
const BURST_MS = 30_000;
/** How often it is looked whether another node left something behind. */
const LOOK_MS = 5_000;
/** How long a search waits for what was sent before it. */
const PATIENCE_MS = 2_000;
/** Rows of the queue in one transaction at most, each what one statement stored, */
const ROWS = 16;
/** and of these so many that they hold about so many messages: those that are sent meanwhile wait for it. */
const MESSAGES = 512;

const TAKE = `DELETE FROM chat.unindexed WHERE unindexed_id = ANY (ARRAY(
                SELECT unindexed_id FROM (
                  SELECT unindexed_id, sum(cardinality(ns)) OVER (ORDER BY unindexed_id) - cardinality(ns) AS before
                  FROM (SELECT unindexed_id, ns FROM chat.unindexed WHERE unindexed_id <= $1
                        ORDER BY unindexed_id LIMIT ${ROWS} FOR UPDATE`;
const TAKEN = `) first) counted WHERE before < ${MESSAGES})) RETURNING room_ids, ns`;
/** What nobody else is at. */
const TAKE_FREE = { name: 'search.take_free', text: `${TAKE} SKIP LOCKED${TAKEN}` };
/** Waits for whoever is at it. */
const TAKE_ALL = { name: 'search.take_all', text: `${TAKE}${TAKEN}` };
const LAST = { name: 'search.last_unindexed', text: 'SELECT max(unindexed_id) AS last FROM chat.unindexed' };
// Here and below, LATERAL with OFFSET 0 is one probe of the key for each, however small the table is when it is planned.
const READ = {
  name: 'search.unindexed',
  text: `SELECT m.*, r.* FROM unnest($1::uuid[], $2::bigint[]) AS p (room_id, n)
         CROSS JOIN LATERAL (SELECT * FROM chat.messages x WHERE x.room_id = p.room_id AND x.n = p.n OFFSET 0) m
         CROSS JOIN LATERAL (SELECT x.parent_room_id, x.parent_n FROM chat.rooms x
                             WHERE x.room_id = p.room_id OFFSET 0) r`,
};
// Whoever changes one waits for these to be committed. Those that are being changed are left out: to wait for them while
// holding others could be a deadlock.
const UNCHANGED = {
  name: 'search.unchanged',
  text: `SELECT m.room_id, m.n FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS p (room_id, n, rev)
         CROSS JOIN LATERAL (SELECT x.room_id, x.n FROM chat.messages x
                             WHERE x.room_id = p.room_id AND x.n = p.n AND x.rev = p.rev
                             OFFSET 0 FOR SHARE SKIP LOCKED) m`,
};
const PUT_BACK = 'INSERT INTO chat.unindexed (room_ids, ns) VALUES ($1, $2)';

export interface IndexerDeps {
  db: Database;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

/**
 * Works off `chat.unindexed`, which is written with the messages: what was committed becomes findable, whichever node dies
 * when. Any number of nodes may do so. Edits and deletions index in their own transaction and win over what this read.
 */
export class SearchIndexer {
  readonly #deps: IndexerDeps;
  #looking: Timer | undefined;
  #timer: Timer | undefined;
  #working: Promise<void> = Promise.resolve();
  #catchingUp: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  /** Told of something since the last look. */
  #woken = false;
  /** When there began to be more to do than was done, epoch ms. */
  #behindSince: number | undefined;
  #stopped = false;

  constructor(deps: IndexerDeps) {
    this.#deps = deps;
  }

  /** Begins with what an earlier run left behind. */
  start(): void {
    this.#looking = this.#deps.clock.setInterval(() => this.wake(), LOOK_MS);
    this.wake();
  }

  /** There is something to index. Returns at once. */
  wake(): void {
    this.#woken = true;
    if (this.#timer === undefined) this.#workIn(GATHER_MS);
  }

  /**
   * Resolves once everything committed before is findable, on whichever node it was sent; after 2 s also when there is more
   * to do than that, and at once when it fails: what is findable by then is worth more than nothing.
   */
  caughtUp(): Promise<void> {
    // One at a time; those who come meanwhile share the next, which begins after they came.
    this.#next ??= this.#catchingUp.then(() => {
      this.#next = undefined;
      this.#catchingUp = this.#catchUp().catch((error: unknown) => this.#failed(error));
      return this.#catchingUp;
    });
    return this.#next;
  }

  /** Resolves once nothing is under way. What is left is for another run. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#looking?.cancel();
    this.#timer?.cancel();
    await this.#working;
  }

  #workIn(ms: number): void {
    if (this.#stopped) return;
    this.#timer = this.#deps.clock.setTimeout(() => {
      this.#working = this.#work();
    }, ms);
  }

  async #work(): Promise<void> {
    const { clock } = this.#deps;
    const began = clock.now();
    this.#woken = false;
    let more = false;
    try {
      more = await this.#batch(TAKE_FREE, Number.MAX_SAFE_INTEGER);
    } catch (error) {
      this.#failed(error);
    }
    this.#timer = undefined;
    const now = clock.now();
    this.#behindSince = more ? (this.#behindSince ?? began) : undefined;
    if (this.#behindSince === undefined) {
      if (this.#woken) this.#workIn(GATHER_MS);
    } else {
      const patience = now - this.#behindSince < BURST_MS ? IN_A_BURST : FOR_LONG;
      this.#workIn(this.#woken ? patience * (now - began) : 0);
    }
  }

  /** They stay in the queue. */
  #failed(error: unknown): void {
    const { log, metrics } = this.#deps;
    metrics.indexingFailures.inc();
    log.warn({ err: error }, 'messages could not be made findable yet');
  }

  async #catchUp(): Promise<void> {
    const { db, clock } = this.#deps;
    const { rows } = await db.query<{ last: number | null }>(LAST);
    const last = rows[0]?.last ?? null;
    if (last === null) return;
    for (const until = clock.now() + PATIENCE_MS; (await this.#batch(TAKE_ALL, last)) && clock.now() < until;);
  }

  /** Answers whether there may be more up to `last`. */
  async #batch(take: typeof TAKE_ALL, last: number): Promise<boolean> {
    const batch = (save: typeof saveEntries) =>
      this.#deps.db.transaction(async (db) => {
        const { rows } = await db.query<{ room_ids: string[]; ns: number[] }>(take, [last]);
        if (rows.length === 0) return false;
        const roomIds = rows.flatMap((row) => row.room_ids);
        const ns = rows.flatMap((row) => row.ns);
        await index(db, roomIds, ns, save);
        return rows.length === ROWS || ns.length >= MESSAGES;
      });
    try {
      return await batch(saveEntries);
    } catch (error) {
      if (!isRefusedData(error)) throw error;
      // It would be refused every time, and keep everything behind it from being found.
      return batch((db, entries) => this.#saveAlone(db, entries));
    }
  }

  /** Entry by entry: what the database does not take is left out for good. */
  async #saveAlone(db: Queryable, entries: Parameters<typeof saveEntries>[1]): Promise<void> {
    for (const entry of entries) {
      await db.query('SAVEPOINT entry');
      try {
        await saveEntries(db, [entry]);
        await db.query('RELEASE SAVEPOINT entry');
      } catch (error) {
        if (!isRefusedData(error)) throw error;
        await db.query('ROLLBACK TO SAVEPOINT entry');
        const { room_id: roomId, n } = entry.row;
        this.#deps.log.error({ err: error, roomId, n }, 'a message cannot be made findable');
      }
    }
  }
}

async function index(
  db: Queryable,
  roomIds: readonly string[],
  ns: readonly number[],
  save: typeof saveEntries,
): Promise<void> {
  const { rows } = await db.query<MessageRow & Omit<Room, 'room_id'>>(READ, [roomIds, ns]);
  const rooms = new Map(rows.map((row) => [row.room_id, row]));
  const entries = await entriesOf(rows, (roomId) => rooms.get(roomId));
  const { rows: unchanged } = await db.query<{ room_id: string; n: number }>(UNCHANGED, [
    rows.map((row) => row.room_id),
    rows.map((row) => row.n),
    rows.map((row) => row.rev),
  ]);
  const sure = new Set(unchanged.map((row) => `${row.room_id} ${row.n}`));
  const isSure = (row: MessageRow) => sure.has(`${row.room_id} ${row.n}`);
  await save(
    db,
    entries.filter(({ row }) => isSure(row)),
  );
  const changed = rows.filter((row) => !isSure(row));
  if (changed.length > 0) await db.query(PUT_BACK, [changed.map((row) => row.room_id), changed.map((row) => row.n)]);
}
