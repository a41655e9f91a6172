import { ProtocolError } from '@confab/protocol';
import type { Bus, Unsubscribe } from '../../platform/bus/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import type { Silence, Silences } from './contracts.ts';

const KNOWN_FOR_MS = 5000;
const AT = `SELECT m.until, m.reason
  FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS at (user_id, room_id, place)
  LEFT JOIN LATERAL (
    SELECT until, reason FROM safety.sanctions s
    WHERE s.user_id = at.user_id AND (s.room_id IS NULL OR s.room_id = at.room_id) AND s.type = 'mute'
      AND s.lifted_at IS NULL AND (s.until IS NULL OR s.until > $3)
    ORDER BY s.until DESC NULLS FIRST LIMIT 1
  ) m ON true ORDER BY at.place`;

/** Until when (epoch ms) whom; everyone at once: they are few, and most people asked about are none of them. */
type Until = ReadonlyMap<string, number>;

/**
 * Until when and why people may not write in a room (of a thread the one it hangs on), or with null anywhere, in the order of
 * `places`: by what lasts longest; undefined where nothing is in force. For refusals: who is silenced is known without it.
 */
export async function silencesAt(
  db: Queryable,
  places: readonly { userId: string; roomId: string | null }[],
  now: number,
): Promise<(Silence | undefined)[]> {
  const { rows } = await db.query<Silence | { until: null; reason: null }>(AT, [
    places.map(({ userId }) => userId),
    places.map(({ roomId }) => roomId),
    new Date(now),
  ]);
  return rows.map((row) => (row.reason === null ? undefined : row));
}

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
    if (!(await this.among([userId])).has(userId)) return;
    const [silence] = await silencesAt(this.#db, [{ userId, roomId: null }], this.#clock.now());
    throw new ProtocolError('silenced', silence);
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

  /** Until the caller's transaction ends nobody else begins or ends the silence of this person, if there is one. */
  async hold(db: Queryable, userId: string): Promise<void> {
    await db.query('SELECT FROM safety.silences WHERE user_id = $1 FOR UPDATE', [userId]);
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
