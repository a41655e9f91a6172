/** The SQL of schema `accounts`. Each function takes the pool or a transaction; instants are epoch ms. */
import type { Profile, PublicUser, Role } from '@confab/protocol';
import type { JWK } from 'jose';
import type { Queryable } from '../../platform/db/index.ts';

// ---- users

const PROFILE = `u.id, u.email, u.username, u.name, u.role, u.created_at as "createdAt"`;

export interface NewUser extends Profile {
  passwordHash: string;
}

/** False, and nothing is written, when the address or the username is taken: of parallel calls exactly one gets it. */
export async function insertUser(db: Queryable, user: NewUser): Promise<boolean> {
  const { rows } = await db.query(
    `insert into accounts.users (id, email, username, name, role, password_hash, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $7)
     on conflict do nothing returning id`,
    [user.id, user.email, user.username, user.name, user.role, user.passwordHash, new Date(user.createdAt)],
  );
  return rows.length === 1;
}

export async function emailTaken(db: Queryable, email: string): Promise<boolean> {
  const { rows } = await db.query('select 1 from accounts.users where email = $1', [email]);
  return rows.length > 0;
}

export interface Credentials {
  user: Profile;
  passwordHash: string | null;
}

export async function credentials(db: Queryable, email: string): Promise<Credentials | undefined> {
  const { rows } = await db.query<Profile & { passwordHash: string | null }>(
    `select ${PROFILE}, u.password_hash as "passwordHash" from accounts.users u where u.email = $1`,
    [email],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { passwordHash, ...user } = row;
  return { user, passwordHash };
}

export async function profile(db: Queryable, userId: string): Promise<Profile | undefined> {
  const { rows } = await db.query<Profile>(`select ${PROFILE} from accounts.users u where u.id = $1`, [userId]);
  return rows[0];
}

export async function updateName(
  db: Queryable,
  userId: string,
  name: string,
  at: number,
): Promise<Profile | undefined> {
  const { rows } = await db.query<Profile>(
    `update accounts.users u set name = $2, updated_at = $3 where u.id = $1 returning ${PROFILE}`,
    [userId, name, new Date(at)],
  );
  return rows[0];
}

export async function publicUsers(db: Queryable, userIds: readonly string[]): Promise<PublicUser[]> {
  const { rows } = await db.query<PublicUser>(
    {
      name: 'accounts.public_users',
      text: 'select id, username, name, role from accounts.users where id = any($1::uuid[])',
    },
    [userIds],
  );
  return rows;
}

export async function usersByName(db: Queryable, usernames: readonly string[]): Promise<PublicUser[]> {
  const { rows } = await db.query<PublicUser>(
    {
      name: 'accounts.users_by_name',
      text: 'select id, username, name, role from accounts.users where username = any($1::text[])',
    },
    [usernames],
  );
  return rows;
}

// ---- search

/** Replaces what `userId` is found by. */
export async function setSearchTerms(db: Queryable, userId: string, terms: readonly string[]): Promise<void> {
  await db.query('delete from accounts.search_terms where user_id = $1', [userId]);
  await db.query('insert into accounts.search_terms (term, user_id) select unnest($2::text[]), $1', [userId, terms]);
}

/**
 * Up to `limit` people with a term that begins with `prefix`, those with the alphabetically first term first. Reads at
 * most `limit * termsPerUser` index entries, however many people match.
 */
export async function findUsers(
  db: Queryable,
  prefix: string,
  limit: number,
  termsPerUser: number,
): Promise<PublicUser[]> {
  // No LIKE, hence no wildcards: by code points, the prefix and the largest of them bound what begins with it.
  const { rows } = await db.query<PublicUser>(
    `select u.id, u.username, u.name, u.role
     from (
       select user_id, min(term) as term
       from (
         select term, user_id from accounts.search_terms
         where term >= $1 and term < $1 || U&'\\+10FFFF' order by term, user_id limit $2
       ) as entries
       group by user_id
     ) as found
     join accounts.users u on u.id = found.user_id
     order by found.term, u.id
     limit $3`,
    [prefix, limit * termsPerUser, limit],
  );
  return rows;
}

// ---- sessions

export interface NewSession {
  id: string;
  userId: string;
  createdAt: number;
  expiresAt: number;
  userAgent: string;
  ip: string;
  /** SHA-256 of its first refresh token. */
  tokenHash: Buffer;
}

export async function insertSession(db: Queryable, session: NewSession): Promise<void> {
  await db.query(
    `with session as (
       insert into accounts.sessions (id, user_id, created_at, last_used_at, expires_at, user_agent, ip)
       values ($1, $2, $3, $3, $4, $5, $6)
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
    ],
  );
}

export interface LockedSession {
  id: string;
  expiresAt: number;
  endedAt: number | null;
}

/** The session a refresh token belongs to, locked: whatever happens to its tokens happens one after another. */
export async function lockSessionOf(tx: Queryable, tokenHash: Buffer): Promise<LockedSession | undefined> {
  const { rows } = await tx.query<LockedSession>(
    `select id, expires_at as "expiresAt", ended_at as "endedAt" from accounts.sessions
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
  step: { sessionId: string; hash: Buffer; successorHash: Buffer; at: number; expiresAt: number },
): Promise<void> {
  await tx.query(
    `with spent as (
       update accounts.refresh_tokens set spent_at = $3 where hash = $1
     ), successor as (
       insert into accounts.refresh_tokens (hash, session_id, created_at, expires_at) values ($2, $5, $3, $4)
     )
     update accounts.sessions set last_used_at = $3, expires_at = $4 where id = $5`,
    [step.hash, step.successorHash, new Date(step.at), new Date(step.expiresAt), step.sessionId],
  );
}

export async function sessionOwner(db: Queryable, sessionId: string): Promise<Profile | undefined> {
  const { rows } = await db.query<Profile>(
    `select ${PROFILE} from accounts.sessions s join accounts.users u on u.id = s.user_id where s.id = $1`,
    [sessionId],
  );
  return rows[0];
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

/** Who a session speaks for; undefined when it has ended, has expired or never was. */
export async function liveSession(
  db: Queryable,
  sessionId: string,
  now: number,
): Promise<{ userId: string; role: Role } | undefined> {
  const { rows } = await db.query<{ userId: string; role: Role }>(
    {
      name: 'accounts.live_session',
      text: `select u.id as "userId", u.role from accounts.sessions s join accounts.users u on u.id = s.user_id
             where s.id = $1 and s.ended_at is null and s.expires_at > $2`,
    },
    [sessionId, new Date(now)],
  );
  return rows[0];
}

/** Those of `sessionIds` that do not live: ended, expired, or unknown. */
export async function endedSessions(db: Queryable, sessionIds: readonly string[], now: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    {
      name: 'accounts.ended_sessions',
      text: `select asked.id from unnest($1::uuid[]) as asked (id)
             where not exists (
               select from accounts.sessions s where s.id = asked.id and s.ended_at is null and s.expires_at > $2
             )`,
    },
    [sessionIds, new Date(now)],
  );
  return rows.map((row) => row.id);
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

// ---- signing keys

export interface SigningKeyRow {
  kid: string;
  alg: string;
  publicJwk: JWK;
  sealedPrivateJwk: Buffer;
}

/** Until the transaction ends, no other one gets past this. */
export async function lockSigningKeys(tx: Queryable): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('accounts.signing_keys', 0))`);
}

/** Keys whose tokens are accepted, the newest first. */
export async function signingKeys(db: Queryable): Promise<SigningKeyRow[]> {
  const { rows } = await db.query<SigningKeyRow>(
    `select kid, alg, public_jwk as "publicJwk", private_jwk as "sealedPrivateJwk" from accounts.signing_keys
     where retired_at is null order by created_at desc, kid`,
  );
  return rows;
}

export async function insertSigningKey(db: Queryable, key: SigningKeyRow, at: number): Promise<void> {
  await db.query(
    'insert into accounts.signing_keys (kid, alg, public_jwk, private_jwk, created_at) values ($1, $2, $3, $4, $5)',
    [key.kid, key.alg, JSON.stringify(key.publicJwk), key.sealedPrivateJwk, new Date(at)],
  );
}
