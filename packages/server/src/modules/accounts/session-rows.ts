/** SQL of sessions and their refresh tokens. Each function takes the pool or a transaction; instants are epoch ms. */
import type { Role, Scope } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';

export interface NewSession {
  id: string;
  userId: string;
  /** How it was begun. */
  method: string;
  createdAt: number;
  /** Unless it is used before. */
  expiresAt: number;
  /** However much it is used. */
  endsAt: number | null;
  userAgent: string;
  ip: string;
  /** SHA-256 of its first refresh token. */
  tokenHash: Buffer;
}

export async function insertSession(db: Queryable, session: NewSession): Promise<void> {
  await db.query(
    `with session as (
       insert into accounts.sessions
         (id, user_id, created_at, last_used_at, authenticated_at, expires_at, user_agent, ip, method, ends_at)
       values ($1, $2, $3, $3, $3, $4, $5, $6, $8, $9)
     )
     insert into accounts.refresh_tokens (hash, session_id, created_at, expires_at) values ($7, $1, $3, $4)`,
    [
      session.id,
      session.userId,
      new Date(session.createdAt),
      new Date(session.expiresAt),
      session.userAgent,
      session.ip,
      session.tokenHash,
      session.method,
      session.endsAt === null ? null : new Date(session.endsAt),
    ],
  );
}

export interface LockedSession {
  id: string;
  userId: string;
  expiresAt: number;
  endsAt: number | null;
  endedAt: number | null;
  endReason: string | null;
}

/** The session a refresh token belongs to, locked: whatever happens to its tokens happens one after another. */
export async function lockSessionOf(tx: Queryable, tokenHash: Buffer): Promise<LockedSession | undefined> {
  const { rows } = await tx.query<LockedSession>(
    `select id, user_id as "userId", expires_at as "expiresAt", ends_at as "endsAt", ended_at as "endedAt",
       end_reason as "endReason"
     from accounts.sessions
     where id = (select session_id from accounts.refresh_tokens where hash = $1) for update`,
    [tokenHash],
  );
  return rows[0];
}

export interface RefreshToken {
  spentAt: number | null;
}

export async function refreshToken(db: Queryable, hash: Buffer): Promise<RefreshToken | undefined> {
  const { rows } = await db.query<RefreshToken>(
    'select spent_at as "spentAt" from accounts.refresh_tokens where hash = $1',
    [hash],
  );
  return rows[0];
}

/** Spends a token and puts its successor in its place; the session lives on until the successor expires. */
export async function replaceToken(
  tx: Queryable,
  step: { sessionId: string; hash: Buffer; successorHash: Buffer; at: number; expiresAt: number; ip: string },
): Promise<void> {
  await tx.query(
    `with spent as (
       update accounts.refresh_tokens set spent_at = $3 where hash = $1
     ), successor as (
       insert into accounts.refresh_tokens (hash, session_id, created_at, expires_at) values ($2, $5, $3, $4)
     )
     update accounts.sessions set last_used_at = $3, expires_at = $4, ip = $6 where id = $5`,
    [step.hash, step.successorHash, new Date(step.at), new Date(step.expiresAt), step.sessionId, step.ip],
  );
}

export async function sessionIdOf(db: Queryable, tokenHash: Buffer): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    'select session_id as id from accounts.refresh_tokens where hash = $1',
    [tokenHash],
  );
  return rows[0]?.id;
}

/** Whether it lived until now: the first reason stays. */
export async function endSession(db: Queryable, sessionId: string, reason: string, at: number): Promise<boolean> {
  const { rows } = await db.query(
    'update accounts.sessions set ended_at = $3, end_reason = $2 where id = $1 and ended_at is null returning id',
    [sessionId, reason, new Date(at)],
  );
  return rows.length > 0;
}

/** Ends all sessions of a person, API tokens too, but `except`; resolves to those that lived until now. */
export async function endSessionsOf(
  db: Queryable,
  userId: string,
  reason: string,
  at: number,
  except: string | null,
): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `update accounts.sessions set ended_at = $3, end_reason = $2
     where user_id = $1 and ended_at is null and id is distinct from $4 returning id`,
    [userId, reason, new Date(at), except],
  );
  return rows.map((row) => row.id);
}

/** Whom the door is open for: `s` has not ended, `u` is not kept out. */
const LIVES = (now: string) =>
  `s.ended_at is null and s.expires_at > ${now} and u.state = 'active'
   and (u.banned_at is null or u.banned_until <= ${now})`;

export interface Holder {
  userId: string;
  role: Role;
  /** Of an API token. */
  scopes: Scope[] | null;
}

/** Who sessions speak for; without those that have ended, have expired, never were, or whose owner is kept out. */
export async function holders(db: Queryable, sessionIds: readonly string[], now: number): Promise<Map<string, Holder>> {
  const { rows } = await db.query<Holder & { sessionId: string }>(
    {
      name: 'accounts.holders',
      text: `select s.id as "sessionId", u.id as "userId", u.role, t.scopes
             from accounts.sessions s join accounts.users u on u.id = s.user_id
             left join accounts.api_tokens t on t.session_id = s.id
             where s.id = any($1::uuid[]) and ${LIVES('$2')}`,
    },
    [sessionIds, new Date(now)],
  );
  return new Map(rows.map(({ sessionId, ...holder }) => [sessionId, holder]));
}

/** Who one session speaks for, likewise. */
export async function liveSession(db: Queryable, sessionId: string, now: number): Promise<Holder | undefined> {
  return (await holders(db, [sessionId], now)).get(sessionId);
}

/** Those of `sessionIds` that do not live: ended, expired, unknown, or of someone kept out. */
export async function endedSessions(db: Queryable, sessionIds: readonly string[], now: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    {
      name: 'accounts.ended_sessions',
      text: `select asked.id from unnest($1::uuid[]) as asked (id)
             where not exists (
               select from accounts.sessions s join accounts.users u on u.id = s.user_id
               where s.id = asked.id and ${LIVES('$2')}
             )`,
    },
    [sessionIds, new Date(now)],
  );
  return rows.map((row) => row.id);
}

/** When the owner of a session last proved who they are. */
export async function authenticatedAt(db: Queryable, sessionId: string): Promise<number | null> {
  const { rows } = await db.query<{ at: number | null }>(
    'select authenticated_at as at from accounts.sessions where id = $1',
    [sessionId],
  );
  return rows[0]?.at ?? null;
}

export async function setAuthenticatedAt(db: Queryable, sessionId: string, at: number): Promise<void> {
  await db.query('update accounts.sessions set authenticated_at = $2 where id = $1', [sessionId, new Date(at)]);
}

/** Removes up to `limit` rows that have expired; resolves to how many. Tokens go first: a session's expire with it at the latest. */
export async function deleteExpired(
  db: Queryable,
  table: 'refresh_tokens' | 'sessions',
  now: number,
  limit: number,
): Promise<number> {
  const { rows } = await db.query<{ deleted: number }>(
    `with deleted as (
       delete from accounts.${table} where ctid = any (array(
         select ctid from accounts.${table} where expires_at <= $1 limit $2
       )) returning 1
     )
     select count(*)::int as deleted from deleted`,
    [new Date(now), limit],
  );
  return rows[0]?.deleted ?? 0;
}
