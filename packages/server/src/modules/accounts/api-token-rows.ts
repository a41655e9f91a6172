/** SQL of API tokens: sessions without refresh tokens. Instants are epoch ms. */
import type { ApiToken, Scope } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';

/** What every API token begins with, so that leaked ones are recognised. */
export const API_TOKEN = 'confab_';

/** The session an API token stands for. */
export async function apiSession(
  db: Queryable,
  hash: Buffer,
): Promise<{ userId: string; sessionId: string; expiresAt: number } | undefined> {
  const { rows } = await db.query<{ userId: string; sessionId: string; expiresAt: number }>(
    `select s.user_id as "userId", s.id as "sessionId", s.expires_at as "expiresAt"
     from accounts.api_tokens t join accounts.sessions s on s.id = t.session_id where t.hash = $1`,
    [hash],
  );
  return rows[0];
}

interface NewApiToken {
  id: string;
  userId: string;
  name: string;
  /** SHA-256 */
  hash: Buffer;
  scopes: readonly Scope[];
  createdAt: number;
  expiresAt: number;
  ip: string;
}

export async function insertApiToken(tx: Queryable, token: NewApiToken): Promise<void> {
  await tx.query(
    `with session as (
       insert into accounts.sessions
         (id, user_id, created_at, last_used_at, expires_at, ends_at, user_agent, ip, method)
       values ($1, $2, $3, $3, $4, $4, '', $5, 'api_token')
     )
     insert into accounts.api_tokens (session_id, name, hash, scopes) values ($1, $6, $7, $8)`,
    [
      token.id,
      token.userId,
      new Date(token.createdAt),
      new Date(token.expiresAt),
      token.ip,
      token.name,
      token.hash,
      token.scopes,
    ],
  );
}

/** Those that live, the newest first. */
export async function apiTokensOf(db: Queryable, userId: string, now: number): Promise<ApiToken[]> {
  const { rows } = await db.query<ApiToken>(
    `select s.id, t.name, t.scopes, s.created_at as "createdAt", s.expires_at as "expiresAt",
       nullif(s.last_used_at, s.created_at) as "lastUsedAt"
     from accounts.api_tokens t join accounts.sessions s on s.id = t.session_id
     where s.user_id = $1 and s.ended_at is null and s.expires_at > $2
     order by s.created_at desc, s.id desc`,
    [userId, new Date(now)],
  );
  return rows;
}

export async function setLastUsed(db: Queryable, sessionId: string, at: number): Promise<void> {
  await db.query('update accounts.sessions set last_used_at = $2 where id = $1 and last_used_at < $2', [
    sessionId,
    new Date(at),
  ]);
}
