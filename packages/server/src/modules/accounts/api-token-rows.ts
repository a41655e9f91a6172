/** SQL of API tokens: sessions without refresh tokens. */
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
