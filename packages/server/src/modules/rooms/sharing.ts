/** Who is in a room together. */
import { BatchLoader } from '../../platform/batch-loader.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/db/index.ts';

const ROOMS_OF = {
  name: 'rooms.rooms_of',
  // One probe of a key for each, as `rooms.members_of`.
  text: `SELECT m.user_id, array_agg(m.room_id) AS rooms FROM unnest($1::uuid[]) AS p (user_id)
         CROSS JOIN LATERAL (SELECT x.user_id, x.room_id FROM chat.members x
                             WHERE x.user_id = p.user_id AND x.left_at IS NULL OFFSET 0) m
         CROSS JOIN LATERAL (SELECT 1 FROM chat.rooms x
                             WHERE x.room_id = m.room_id AND x.deleted_at IS NULL AND x.kind <> 'thread' OFFSET 0) r
         GROUP BY m.user_id`,
};
/** People asked about in one query. */
const BATCH = 200;
const REMEMBERED_FOR_MS = 5000;
/** Rooms remembered, of all people together. */
const MAX_REMEMBERED = 200_000;

interface Known {
  at: number;
  /** Undefined until they are loaded. */
  rooms: ReadonlySet<string> | undefined;
  loading: Promise<void>;
}

/**
 * Who is in a room together, of any kind. When everyone connects at once, each person is asked about once, in queries of
 * hundreds, one after the other: what somebody is in is remembered for some seconds, or until it is forgotten.
 */
export class SharedRooms {
  readonly #clock: Clock;
  readonly #loader: BatchLoader<ReadonlySet<string>>;
  /** Who was asked about longest ago comes first. */
  readonly #known = new Map<string, Known>();
  #remembered = 0;

  constructor(deps: { db: Queryable; clock: Clock }) {
    this.#clock = deps.clock;
    this.#loader = new BatchLoader((userIds) => roomsOf(deps.db, userIds), BATCH);
  }

  /** Those of `others` who are in a room with `userId`: as of now, or some seconds ago if neither was forgotten since. */
  async among(userId: string, others: readonly string[]): Promise<Set<string>> {
    const mine = this.#knownOf(userId);
    const theirs = others.map((id) => this.#knownOf(id));
    const loading = [mine, ...theirs].filter(({ rooms }) => rooms === undefined).map((known) => known.loading);
    await Promise.all(loading);
    return new Set(others.filter((_, i) => meet(mine.rooms ?? NONE, theirs[i]?.rooms ?? NONE)));
  }

  /** What these people are in is asked anew. */
  forget(userIds: Iterable<string>): void {
    for (const userId of userIds) {
      this.#remembered -= this.#known.get(userId)?.rooms?.size ?? 0;
      this.#known.delete(userId);
    }
  }

  #knownOf(userId: string): Known {
    const known = this.#known.get(userId);
    if (known !== undefined && this.#isFresh(known)) return known;
    this.forget([userId]);
    const begun: Known = { at: this.#clock.now(), rooms: undefined, loading: Promise.resolve() };
    begun.loading = this.#load(userId, begun);
    this.#known.set(userId, begun);
    return begun;
  }

  async #load(userId: string, known: Known): Promise<void> {
    try {
      known.rooms = (await this.#loader.load(userId)) ?? NONE;
    } catch (error) {
      if (this.#known.get(userId) === known) this.forget([userId]);
      throw error;
    }
    if (this.#known.get(userId) !== known) return;
    this.#remembered += known.rooms.size;
    for (const [id, oldest] of this.#known) {
      if (this.#isFresh(oldest) && this.#remembered <= MAX_REMEMBERED) return;
      this.forget([id]);
    }
  }

  #isFresh({ at }: Known): boolean {
    return this.#clock.now() - at < REMEMBERED_FOR_MS;
  }
}

const NONE: ReadonlySet<string> = new Set();

function meet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const id of few) if (many.has(id)) return true;
  return false;
}

async function roomsOf(db: Queryable, userIds: readonly string[]): Promise<Map<string, ReadonlySet<string>>> {
  const { rows } = await db.query<{ user_id: string; rooms: string[] }>(ROOMS_OF, [userIds]);
  return new Map(rows.map((row) => [row.user_id, new Set(row.rooms)]));
}
