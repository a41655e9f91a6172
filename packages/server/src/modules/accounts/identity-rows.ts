/** SQL of accounts elsewhere. Each function takes the pool or a transaction; instants are epoch ms. */
import type { Identity } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';

export async function identities(db: Queryable, userId: string): Promise<Identity[]> {
  const { rows } = await db.query<Identity>(
    `select provider, name, created_at as "createdAt" from accounts.identities where user_id = $1
     order by created_at, provider`,
    [userId],
  );
  return rows;
}

export async function identityOwner(db: Queryable, provider: string, subject: string): Promise<string | undefined> {
  const { rows } = await db.query<{ userId: string }>(
    'select user_id as "userId" from accounts.identities where provider = $1 and subject = $2',
    [provider, subject],
  );
  return rows[0]?.userId;
}

interface NewIdentity {
  provider: string;
  subject: string;
  userId: string;
  name: string | null;
  createdAt: number;
}

/** False, and nothing is written, when it is linked already, or its owner has another one of this provider. */
export async function insertIdentity(tx: Queryable, identity: NewIdentity): Promise<boolean> {
  const { rows } = await tx.query(
    `insert into accounts.identities (provider, subject, user_id, name, created_at) values ($1, $2, $3, $4, $5)
     on conflict do nothing returning user_id`,
    [identity.provider, identity.subject, identity.userId, identity.name, new Date(identity.createdAt)],
  );
  return rows.length === 1;
}

/** Whether there was one. */
export async function deleteIdentity(tx: Queryable, userId: string, provider: string): Promise<boolean> {
  const { rows } = await tx.query(
    'delete from accounts.identities where user_id = $1 and provider = $2 returning user_id',
    [userId, provider],
  );
  return rows.length === 1;
}
