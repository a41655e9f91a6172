import { createHash } from 'node:crypto';
import type { ModerationLogEntry } from '@confab/protocol';
import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/db/index.ts';
import { paged } from '../../platform/personal-data.ts';
import type { ModerationEntry, ModerationLog } from './contracts.ts';

/** The hash before the first entry. */
const BEGINNING = Buffer.alloc(32);
const COLUMNS = `seq, at, action, actor_id AS "actorId", room_id AS "roomId", target_id AS "targetId",
  message_id AS "messageId", reason, details, encode(hash, 'hex') AS hash`;

type Content = Omit<ModerationLogEntry, 'seq' | 'hash'>;

/** Which entries; what is left out does not matter. */
interface LogFilter {
  actorId?: string | undefined;
  targetId?: string | undefined;
  roomId?: string | undefined;
  /** `prefix.*` means all that begin with `prefix.` */
  action?: string | undefined;
  /** Epoch ms, included. */
  since?: number | undefined;
  /** Without what others did to this person. */
  reader?: string | undefined;
}

/**
 * Of an entry as it is written: SHA-256 over it as canonical JSON, which is without white space, the keys of every object
 * sorted. The hash of entry `seq` is SHA-256 over the hash before (32 zero bytes before the first), `seq` as eight bytes,
 * and this.
 */
function digestOf({ at, action, actorId, roomId, targetId, messageId, reason, details }: Content): Buffer {
  const content = { at, action, actorId, roomId, targetId, messageId, reason, details };
  return createHash('sha256').update(canonical(content)).digest();
}

function chainHash(before: Buffer, entry: ModerationLogEntry): Buffer {
  const seq = Buffer.alloc(8);
  seq.writeBigInt64BE(BigInt(entry.seq));
  return createHash('sha256').update(before).update(seq).update(digestOf(entry)).digest();
}

// jsonb does not keep the order of keys, so they are sorted.
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/**
 * Entries are chained when the transaction that records them commits, in the order of the commits: `record` itself waits for
 * nobody. Before that they are in no list.
 */
export function moderationLog({ clock }: { clock: Clock }): ModerationLog {
  return {
    async record(db: Queryable, entry: ModerationEntry) {
      const { action, actorId, roomId = null, targetId = null, messageId = null, reason = null, details = {} } = entry;
      const at = clock.now();
      await db.query(
        `INSERT INTO safety.log_arrivals (at, action, actor_id, room_id, target_id, message_id, reason, details, digest)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          new Date(at),
          action,
          actorId,
          roomId,
          targetId,
          messageId,
          reason,
          JSON.stringify(details),
          digestOf({ at, action, actorId, roomId, targetId, messageId, reason, details }),
        ],
      );
    },
  };
}

/** Characters of what comes with the entries of one page. */
const PAGE_CHARS = 500_000;
// Large ones are not even read beyond that, but for the first.
const PAGE = (found: string) => `SELECT * FROM (
    SELECT found.*, (count(*) OVER ())::int AS "ofAll", row_number() OVER latest AS place,
      sum(length(details::text)) OVER latest AS characters
    FROM (${found}) AS found WINDOW latest AS (ORDER BY seq DESC)) AS sized
  WHERE place = 1 OR characters <= ${PAGE_CHARS} ORDER BY seq DESC`;

/** Entries before `before`, the latest first: `limit` at most, and fewer where they are large. */
export async function readLog(
  db: Queryable,
  filter: LogFilter,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<{ entries: ModerationLogEntry[]; hasMore: boolean }> {
  const { rows } = await db.query<ModerationLogEntry & { ofAll: number; place: number; characters: number }>(
    PAGE(
      `SELECT ${COLUMNS} FROM safety.log WHERE ${MATCHES} AND ($8::bigint IS NULL OR seq < $8) ORDER BY seq DESC LIMIT $9`,
    ),
    [...matching(filter), before ?? null, limit + 1],
  );
  const entries = rows.slice(0, limit).map(({ ofAll: _, place: _place, characters: _characters, ...entry }) => entry);
  return { entries, hasMore: (rows[0]?.ofAll ?? 0) > entries.length };
}

/** Every entry, the oldest first, read in small pages as fast as they are taken. */
export function wholeLog(db: Queryable, filter: LogFilter = {}): AsyncIterable<ModerationLogEntry> {
  return paged<ModerationLogEntry>(async (last, limit) => {
    const { rows } = await db.query<ModerationLogEntry>(
      `SELECT ${COLUMNS} FROM safety.log WHERE ${MATCHES} AND seq > $8 ORDER BY seq LIMIT $9`,
      [...matching(filter), last?.seq ?? 0, limit],
    );
    return rows;
  });
}

export interface LogVerdict {
  /** Entries that fit, from the first on. */
  entries: number;
  /** Hash of the last of them, in hex; null when there is none. */
  head: string | null;
  /** The first `seq` that does not fit: it was changed, or one before it is missing. null: all do. */
  broken: number | null;
  /** Of a head that was noted earlier: whether it is in the chain. null: none was given. */
  headFound: boolean | null;
  /** Entries that were chained, as counted beside the chain: others than there are, if any were taken off its end. */
  recorded: number;
  /** Entries that arrived and were never chained. */
  unchained: number;
  /** What keeps the trail, and is switched off. */
  switchedOff: string[];
  /** Whether it was switched off and on again, or made anew: what came meanwhile may never have got into the chain. */
  switchedSince: boolean;
  /** Numbers given to what arrived: some for nothing, as the transaction was rolled back. */
  begun: number;
  /** Sanctions that are kept: each has an entry. */
  sanctions: number;
}

interface Beside {
  length: number;
  unchained: number;
  begun: number;
  on: string[];
  switchedSince: boolean;
  sanctions: number;
}

// Whoever may switch triggers off, or empty tables, may do so with all of them: what is left behind tells of it.
const KEEPERS = ['log_append_only', 'log_chain'];
const BESIDE = `SELECT coalesce((SELECT max(length) FROM safety.log_length), 0) AS length,
    (SELECT coalesce(bool_or(place = safety.log_place() AND keepers IS DISTINCT FROM safety.log_keepers()), false)
       FROM safety.log_length) AS "switchedSince",
    (SELECT count(*) FROM safety.log_arrivals) AS unchained, (SELECT count(*) FROM safety.sanctions) AS sanctions,
    (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM safety.log_arrivals_arrival_seq) AS begun,
    ARRAY(SELECT tgname::text FROM pg_trigger WHERE tgenabled IN ('O', 'A')
            AND tgrelid IN ('safety.log'::regclass, 'safety.log_arrivals'::regclass)) AS on`;

async function besideLog(db: Queryable): Promise<Beside> {
  const { rows } = await db.query<Beside>(BESIDE);
  const [row] = rows;
  if (row === undefined) throw new Error('a question without a condition was not answered');
  return row;
}

/**
 * Walks the chain, and looks at what keeps it. That it was written anew altogether, with the count beside it, shows only by a
 * hash noted earlier, as it is written to the server's log every hour.
 * @param head such a hash, in hex
 */
export async function verifyLog(db: Queryable, head?: string): Promise<LogVerdict> {
  const atFirst = await besideLog(db);
  let before: Buffer = BEGINNING;
  let entries = 0;
  let headFound = false;
  for await (const entry of wholeLog(db)) {
    const hash = chainHash(before, entry);
    if (entry.seq !== entries + 1 || hash.toString('hex') !== entry.hash) return verdict(entry.seq);
    before = hash;
    entries += 1;
    headFound ||= entry.hash === head;
  }
  return verdict(null);

  async function verdict(broken: number | null): Promise<LogVerdict> {
    const { length, on, ...beside } = await besideLog(db);
    return {
      entries,
      head: entries === 0 ? null : before.toString('hex'),
      broken,
      headFound: head === undefined ? null : headFound,
      // The trail may grow meanwhile.
      recorded: Math.max(atFirst.length, Math.min(entries, length)),
      switchedOff: KEEPERS.filter((name) => !on.includes(name)),
      ...beside,
    };
  }
}

/** The end of the chain as it is now; null when nothing was recorded yet. */
export async function logHead(db: Queryable): Promise<{ seq: number; hash: string } | null> {
  const { rows } = await db.query<{ seq: number; hash: string }>(
    "SELECT seq, encode(hash, 'hex') AS hash FROM safety.log ORDER BY seq DESC LIMIT 1",
  );
  return rows[0] ?? null;
}

const MATCHES = `($1::uuid IS NULL OR actor_id = $1) AND ($2::uuid IS NULL OR target_id = $2)
  AND ($3::uuid IS NULL OR room_id = $3) AND ($4::text IS NULL OR action = $4)
  AND ($5::text IS NULL OR starts_with(action, $5)) AND ($6::timestamptz IS NULL OR at >= $6)
  AND ($7::uuid IS NULL OR target_id IS DISTINCT FROM $7 OR actor_id = $7)`;

function matching({ actorId, targetId, roomId, action, since, reader }: LogFilter): unknown[] {
  const prefix = action?.endsWith('.*') === true ? action.slice(0, -1) : null;
  const exact = prefix === null ? (action ?? null) : null;
  return [
    actorId ?? null,
    targetId ?? null,
    roomId ?? null,
    exact,
    prefix,
    since === undefined ? null : new Date(since),
    reader ?? null,
  ];
}
