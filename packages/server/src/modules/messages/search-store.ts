/** The queries of search. */
import type { Queryable } from '../../platform/db/index.ts';
import type { MessageRow } from './rows.ts';
import { type Place, tagOf } from './search-index.ts';

/** Matches that are ranked: the newest ones. */
const MAX_CANDIDATES = 1000;
/** Sum of the newest thousand of each round after which no more is read, even if newer matches may be elsewhere. */
const MAX_FOUND = 2 * MAX_CANDIDATES;
/** Buckets of the first round; each further round, if one is needed, has four times as many. */
const FIRST_ROUND = 4;

export interface Candidate {
  roomId: string;
  n: number;
  createdAt: number;
  /** How well it matches; only of use for comparing. */
  relevance: number;
}

export interface CandidateSearch {
  userId: string;
  /** The only room to search. Whoever asks may read it. */
  room: { room_id: string; parent_room_id: string | null } | null;
  /** What must match, as of `toTsquery`. */
  matches: string;
  /** As of `toRankedTsquery`. */
  ranked: string;
  /** As of `toExactTsquery`. */
  exact: string;
  /** Authors to leave out. */
  notBy: readonly string[];
  /** Epoch ms, both included. */
  since: number;
  until: number;
}

type Bucket = Place & { newest: number };

// One probe of an index for each bucket, and one for each room. OFFSET 0 has the rooms looked up first, by their member:
// the planner takes each for having a thousand buckets, and would sort for that.
const BUCKETS = {
  name: 'search.buckets',
  text: `SELECT s.room_id AS "scopeId", b.bucket, newest.at AS newest
         FROM (SELECT m.room_id FROM chat.members m JOIN chat.rooms r USING (room_id)
               WHERE m.user_id = $1 AND m.left_at IS NULL AND r.deleted_at IS NULL AND r.parent_room_id IS NULL
                 AND ($2::uuid IS NULL OR m.room_id = $2) OFFSET 0) s
         CROSS JOIN LATERAL (SELECT max(x.bucket) AS bucket FROM chat.search x WHERE x.scope_id = s.room_id) top
         CROSS JOIN LATERAL generate_series(0, top.bucket) AS b (bucket)
         CROSS JOIN LATERAL (SELECT max(x.created_at) AS at FROM chat.search x
                             WHERE x.scope_id = s.room_id AND x.bucket = b.bucket AND x.created_at <= $4) newest
         WHERE newest.at >= $3
         ORDER BY newest.at DESC, s.room_id, b.bucket`,
};

/**
 * Words of a message (that repeat count again) up to which it is ranked by how near to each other those stand that were asked
 * for: PostgreSQL compares each place of each with each place of each other, which for a thousand long messages that say the
 * same again and again takes it longer than a statement may take. Longer ones are ranked by how often those stand there.
 */
const MAX_COMPARED = 250;

// Without its places (of two bytes each) what a message is found by is that much shorter.
// OFFSET 0 keeps the planner from looking for anything but the terms by an index: it cannot know how rare they are.
const MATCHES = {
  name: 'search.matches',
  text: `SELECT room_id AS "roomId", n, created_at AS "createdAt",
                CASE WHEN octet_length(tsvectorsend(terms)) - octet_length(tsvectorsend(strip(terms))) <= ${2 * MAX_COMPARED}
                     THEN ts_rank(terms, replace($5, '~', tag)::tsquery, 1)
                     ELSE ts_rank(terms, replace(replace($5, ' & ', ' | '), '~', tag)::tsquery, 1) END
                + ts_rank(terms, replace($6, '~', tag)::tsquery, 1) AS relevance
         FROM (
           SELECT x.room_id, x.n, x.created_at, x.terms, p.tag
           FROM unnest($1::uuid[], $2::int[], $3::text[]) AS p (scope_id, bucket, tag)
           CROSS JOIN LATERAL (SELECT * FROM chat.search
                               WHERE terms @@ replace($4, '~', p.tag)::tsquery OFFSET 0) x
           WHERE x.scope_id = p.scope_id AND x.bucket = p.bucket AND ($7::uuid IS NULL OR x.room_id = $7)
             AND x.created_at BETWEEN $8 AND $9 AND x.sender_id <> ALL ($10::uuid[])
           ORDER BY x.created_at DESC, x.room_id, x.n DESC
           LIMIT ${MAX_CANDIDATES}
         ) newest`,
};

const MESSAGES = {
  name: 'search.messages',
  text: `SELECT m.* FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS p (room_id, n, rank)
         JOIN chat.messages m USING (room_id, n) JOIN chat.rooms r USING (room_id)
         WHERE r.deleted_at IS NULL ORDER BY p.rank`,
};

/**
 * The newest matches, at most a thousand, in no particular order: in rooms of which the person is a member, and their
 * threads. Reads buckets from the newest on, and no further once nothing newer can come, or two rounds found a
 * thousand each.
 * The answer for one `until` changes only as messages are edited and deleted.
 */
export async function findCandidates(db: Queryable, search: CandidateSearch): Promise<Candidate[]> {
  const { userId, room, since } = search;
  // Beyond what a date of PostgreSQL can be.
  const until = Math.min(search.until, MAX_TIME);
  if (since > MAX_TIME || until < since) return [];
  const scopeId = room === null ? null : (room.parent_room_id ?? room.room_id);
  const between = [new Date(since), new Date(until)];
  const { rows: buckets } = await db.query<Bucket>(BUCKETS, [userId, scopeId, ...between]);
  let found: Candidate[] = [];
  let count = 0;
  for (let from = 0, size = FIRST_ROUND; from < buckets.length; from += size, size *= 4) {
    const oldest = found.length < MAX_CANDIDATES ? 0 : (found.at(-1)?.createdAt ?? 0);
    if ((buckets[from]?.newest ?? 0) < oldest || count >= MAX_FOUND) break;
    const round = buckets.slice(from, from + size);
    const { rows } = await db.query<Candidate>(MATCHES, [
      round.map((bucket) => bucket.scopeId),
      round.map((bucket) => bucket.bucket),
      round.map(tagOf),
      search.matches,
      search.ranked,
      search.exact,
      room?.room_id ?? null,
      ...between,
      search.notBy,
    ]);
    count += rows.length;
    found = [...found, ...rows].toSorted((a, b) => b.createdAt - a.createdAt).slice(0, MAX_CANDIDATES);
  }
  return found;
}

/** The messages in this order, without those of rooms that are gone. */
export async function loadMessages(db: Queryable, at: readonly { roomId: string; n: number }[]): Promise<MessageRow[]> {
  if (at.length === 0) return [];
  const { rows } = await db.query<MessageRow>(MESSAGES, [at.map(({ roomId }) => roomId), at.map(({ n }) => n)]);
  return rows;
}

const MAX_TIME = Date.UTC(9999, 0);
