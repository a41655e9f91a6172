/** What happened to accounts, for those who look into it afterwards. Rows are added and never changed. */
import type { AuditEntry } from '@confab/protocol';
import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import { currentRequestId } from '../../platform/requests.ts';

export interface AuditEvent {
  /** `what.outcome`, such as `sign_in.failed`. Listed in docs/security.md. */
  action: string;
  actorId?: string | null;
  targetId?: string | null;
  ip?: string | null;
  /** Never a secret, and no more about people than it takes. */
  details?: Record<string, unknown>;
}

export interface AuditQuery {
  actorId?: string | undefined;
  targetId?: string | undefined;
  /** `prefix.*` means all that begin with `prefix.` */
  action?: string | undefined;
  before?: string | undefined;
  limit: number;
}

export interface Audit {
  /** Adds an entry, in the caller's transaction where it has one: then it exists exactly if that is committed. */
  record(db: Queryable, event: AuditEvent): Promise<void>;
  /** The latest first. */
  list(db: Queryable, query: AuditQuery): Promise<{ entries: AuditEntry[]; hasMore: boolean }>;
}

export function createAudit(clock: Clock, ids: Ids): Audit {
  return {
    async record(db, { action, actorId = null, targetId = null, ip = null, details = {} }) {
      await db.query(
        `insert into accounts.audit_log (id, at, action, actor_id, target_id, ip, request_id, details)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          ids.uuid(),
          new Date(clock.now()),
          action,
          actorId,
          targetId,
          ip,
          currentRequestId() ?? null,
          JSON.stringify(details),
        ],
      );
    },

    async list(db, { actorId = null, targetId = null, action, before = null, limit }) {
      const prefix = action?.endsWith('.*') === true ? action.slice(0, -1) : null;
      const { rows } = await db.query<AuditEntry>(
        `select id, at, action, actor_id as "actorId", target_id as "targetId", ip, request_id as "requestId", details
         from accounts.audit_log
         where ($1::uuid is null or actor_id = $1) and ($2::uuid is null or target_id = $2)
           and ($3::text is null or action = $3) and ($4::text is null or starts_with(action, $4))
           and ($5::uuid is null or id < $5)
         order by id desc limit $6`,
        [actorId, targetId, prefix === null ? (action ?? null) : null, prefix, before, limit + 1],
      );
      return { entries: rows.slice(0, limit), hasMore: rows.length > limit };
    },
  };
}
