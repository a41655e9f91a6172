import { ProtocolError } from '@confab/protocol';
import type { Bus, Unsubscribe } from '../../platform/bus/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import type { Silences } from './contracts.ts';

const KNOWN_FOR_MS = 5000;

/** Until when (epoch ms) whom; everyone at once: they are few, and most people asked about are none of them. */
type Until = ReadonlyMap<string, number>;

export class SilenceService implements Silences {
  readonly #db: Database;
  readonly #bus: Bus;
  readonly #clock: Clock;
  // The promise is what is kept: what arrives after a hint is seen only by those who asked before it.
  #known: { at: number; until: Promise<Until> } | undefined;
  #unsubscribe: Unsubscribe = () => {};

  constructor(deps: { db: Database; bus: Bus; clock: Clock }) {
    this.#db = deps.db;
    this.#bus = deps.bus;
    this.#clock = deps.clock;
  }

  async start(): Promise<void> {
    this.#unsubscribe = await this.#bus.subscribe('caches', (frame) => {
      if (frame.event === 'caches:stale' && frame.payload.silences === true) this.#known = undefined;
    });
  }

  stop(): void {
    this.#unsubscribe();
  }

  async among(userIds: readonly string[]): Promise<ReadonlySet<string>> {
    const until = await this.#current();
    const now = this.#clock.now();
    return new Set(userIds.filter((id) => (until.get(id) ?? 0) > now));
  }

  async demandVoice(userId: string): Promise<void> {
    if ((await this.among([userId])).has(userId)) throw new ProtocolError('silenced');
  }

  /**
   * Silences somebody everywhere, in the caller's transaction, in place of what held before; `until` (epoch ms) null: until
   * it is ended. Once that is committed, `changed` is to be called.
   */
  async begin(db: Queryable, userId: string, until: number | null): Promise<void> {
    await db.query(
      'INSERT INTO safety.silences VALUES ($1, $2) ON CONFLICT (user_id) DO UPDATE SET until = excluded.until',
      [userId, until === null ? null : new Date(until)],
    );
  }

  /** As `begin`. Idempotent. */
  async end(db: Queryable, userId: string): Promise<void> {
    await db.query('DELETE FROM safety.silences WHERE user_id = $1', [userId]);
  }

  /** Holds at once on this node, and on the others as soon as they hear of it. */
  changed(): void {
    this.#known = undefined;
    this.#bus.publish('caches', { event: 'caches:stale', payload: { silences: true } });
  }

  #current(): Promise<Until> {
    const at = this.#clock.now();
    if (this.#known !== undefined && at - this.#known.at < KNOWN_FOR_MS) return this.#known.until;
    const known = { at, until: this.#read(at) };
    this.#known = known;
    known.until.catch(() => {
      if (this.#known === known) this.#known = undefined;
    });
    return known.until;
  }

  async #read(now: number): Promise<Until> {
    const { rows } = await this.#db.query<{ user_id: string; until: number | null }>(
      { name: 'safety.silences', text: 'SELECT * FROM safety.silences WHERE until IS NULL OR until > $1' },
      [new Date(now)],
    );
    return new Map(rows.map((row) => [row.user_id, row.until ?? Number.POSITIVE_INFINITY]));
  }
}
