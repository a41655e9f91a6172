import { LIMITS, ProtocolError } from '@confab/protocol';
import { BatchLoader } from '../../platform/batch-loader.ts';
import type { Bus, Unsubscribe } from '../../platform/bus/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { PersonalData } from '../../platform/personal-data.ts';
import type { Profiles } from '../accounts/index.ts';
import type { Blocks } from './contracts.ts';
import { safetyPersonalData } from './personal-data.ts';

const CACHED_FOR_MS = 5000;
const MAX_CACHED = 20_000;
/** People asked about in one query. */
const BATCH = 500;

interface Known {
  at: number;
  blocked: ReadonlySet<string>;
  blockers: ReadonlySet<string>;
}

export interface BlockDeps {
  db: Database;
  bus: Bus;
  clock: Clock;
  profiles: Profiles;
  /** Called after `blocker` blocked `blocked`, or did so no longer: what awaits the blocker has changed. */
  changed(blocker: string, blocked: string): Promise<void>;
}

/** Who blocks whom. */
export class BlockService implements Blocks {
  readonly personalData: PersonalData = safetyPersonalData(this);
  readonly #deps: BlockDeps;
  readonly #known = new Map<string, Known>();
  readonly #loader = new BatchLoader((userIds) => this.#read(userIds), BATCH);
  /** Counts what was forgotten: what is read meanwhile may be out of date, and is not remembered. */
  #generation = 0;
  #unsubscribe: Unsubscribe = () => {};

  constructor(deps: BlockDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    this.#unsubscribe = await this.#deps.bus.subscribe('caches', (frame) => {
      if (frame.event === 'caches:stale') this.#forget(frame.payload.blocks ?? []);
    });
  }

  stop(): void {
    this.#unsubscribe();
  }

  async blockedBy(userIds: readonly string[]): Promise<Map<string, ReadonlySet<string>>> {
    return new Map([...(await this.#load(userIds))].map(([id, known]) => [id, known.blocked]));
  }

  async blockedByOne(userId: string): Promise<ReadonlySet<string>> {
    return (await this.blockedBy([userId])).get(userId) ?? new Set();
  }

  async blockersOf(userIds: readonly string[]): Promise<Map<string, ReadonlySet<string>>> {
    return new Map([...(await this.#load(userIds))].map(([id, known]) => [id, known.blockers]));
  }

  async between(a: string, b: string): Promise<boolean> {
    const known = (await this.#load([a])).get(a);
    return known !== undefined && (known.blocked.has(b) || known.blockers.has(b));
  }

  /** Whom `userId` blocks, the newest first. */
  async list(userId: string): Promise<string[]> {
    const { rows } = await this.#deps.db.query<{ blocked_id: string }>(
      'SELECT blocked_id FROM safety.blocks WHERE blocker_id = $1 ORDER BY created_at DESC, blocked_id',
      [userId],
    );
    return rows.map((row) => row.blocked_id);
  }

  /** Idempotent. The other is not told. @throws ProtocolError not_found, limit_reached */
  async block(userId: string, otherId: string): Promise<void> {
    const [other] = await this.#deps.profiles.publicUsers([otherId]);
    if (other === undefined || otherId === userId) throw new ProtocolError('not_found');
    const { rows } = await this.#deps.db.query<{ count: number }>(
      'SELECT count(*) AS count FROM safety.blocks WHERE blocker_id = $1 AND blocked_id <> $2',
      [userId, otherId],
    );
    if ((rows[0]?.count ?? 0) >= LIMITS.blocked) throw new ProtocolError('limit_reached');
    const inserted = await this.#deps.db.query(
      'INSERT INTO safety.blocks VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1',
      [userId, otherId, new Date(this.#deps.clock.now())],
    );
    if (inserted.rows.length > 0) await this.#tell(userId, otherId);
  }

  /** Idempotent. */
  async unblock(userId: string, otherId: string): Promise<void> {
    const deleted = await this.#deps.db.query(
      'DELETE FROM safety.blocks WHERE blocker_id = $1 AND blocked_id = $2 RETURNING 1',
      [userId, otherId],
    );
    if (deleted.rows.length > 0) await this.#tell(userId, otherId);
  }

  async #tell(userId: string, otherId: string): Promise<void> {
    this.#forget([userId, otherId]);
    this.#deps.bus.publish('caches', { event: 'caches:stale', payload: { blocks: [userId, otherId] } });
    this.#deps.bus.publish(`user:${userId}`, { event: 'blocks', payload: { userIds: await this.list(userId) } });
    await this.#deps.changed(userId, otherId);
  }

  #forget(userIds: readonly string[]): void {
    this.#generation += 1;
    for (const id of userIds) this.#known.delete(id);
  }

  async #load(userIds: readonly string[]): Promise<Map<string, Known>> {
    const now = this.#deps.clock.now();
    const found = new Map<string, Known>();
    const missing: string[] = [];
    for (const id of userIds) {
      const known = this.#known.get(id);
      if (known !== undefined && now - known.at < CACHED_FOR_MS) found.set(id, known);
      else missing.push(id);
    }
    await Promise.all(
      missing.map(async (id) => {
        const known = await this.#loader.load(id);
        if (known !== undefined) found.set(id, known);
      }),
    );
    return found;
  }

  async #read(userIds: readonly string[]): Promise<Map<string, Known>> {
    const generation = this.#generation;
    const at = this.#deps.clock.now();
    const { rows } = await this.#deps.db.query<{ blocker_id: string; blocked_id: string }>(
      {
        name: 'safety.blocks_of',
        text: `SELECT blocker_id, blocked_id FROM safety.blocks
               WHERE blocker_id = ANY($1::uuid[]) OR blocked_id = ANY($1::uuid[])`,
      },
      [userIds],
    );
    const blocked = Map.groupBy(rows, (row) => row.blocker_id);
    const blockers = Map.groupBy(rows, (row) => row.blocked_id);
    const read = new Map<string, Known>();
    for (const id of userIds) {
      const known = {
        at,
        blocked: new Set((blocked.get(id) ?? []).map((row) => row.blocked_id)),
        blockers: new Set((blockers.get(id) ?? []).map((row) => row.blocker_id)),
      };
      read.set(id, known);
      if (generation === this.#generation) this.#remember(id, known);
    }
    return read;
  }

  #remember(userId: string, known: Known): void {
    this.#known.set(userId, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_CACHED && oldest !== undefined) this.#known.delete(oldest);
  }
}
