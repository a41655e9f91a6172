import { createHash } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { ModerationEntry, ModerationLog } from './contracts.ts';

/** Entries are chained in the order in which they take this lock, which is held until the transaction ends. */
const LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('safety.log', 0))";

interface ChainedEntry {
  seq: number;
  at: number;
  action: string;
  actorId: string | null;
  roomId: string | null;
  targetId: string | null;
  messageId: string | null;
  reason: string | null;
  details: Record<string, unknown>;
}

/** SHA-256 over the hash before and the entry as canonical JSON. */
function chainHash(before: Buffer, entry: ChainedEntry): Buffer {
  return createHash('sha256').update(before).update(canonical(entry)).digest();
}

// jsonb does not keep the order of keys, so they are sorted.
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export function moderationLog({ clock }: { clock: Clock }): ModerationLog {
  return {
    async record(db: Queryable, entry: ModerationEntry) {
      await db.query(LOCK);
      const { rows } = await db.query<{ seq: number; hash: Buffer }>(
        'SELECT seq, hash FROM safety.log ORDER BY seq DESC LIMIT 1',
      );
      const { action, actorId, roomId = null, targetId = null, messageId = null, reason = null, details = {} } = entry;
      const seq = (rows[0]?.seq ?? 0) + 1;
      const chained = { seq, at: clock.now(), action, actorId, roomId, targetId, messageId, reason, details };
      await db.query('INSERT INTO safety.log VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
        seq,
        new Date(chained.at),
        action,
        actorId,
        roomId,
        targetId,
        messageId,
        reason,
        JSON.stringify(details),
        chainHash(rows[0]?.hash ?? Buffer.alloc(32), chained),
      ]);
    },
  };
}
