/** SQL of passkeys. Each function takes the pool or a transaction; instants are epoch ms. */
import type { Passkey } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';

const SHOWN = 'id, name, created_at as "createdAt", last_used_at as "lastUsedAt"';

/** What a signature is checked with. */
export interface Credential {
  id: string;
  userId: string;
  /** As the authenticator names it, base64url. */
  credentialId: string;
  /** COSE_Key (RFC 9052 §7). */
  publicKey: Buffer;
  transports: string[];
}

/** False, and nothing is written, when it is registered already, by whomever. */
export async function insertPasskey(
  tx: Queryable,
  passkey: Credential & { counter: number; name: string; createdAt: number },
): Promise<boolean> {
  const { rows } = await tx.query(
    `insert into accounts.passkeys (id, user_id, credential_id, public_key, counter, transports, name, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (credential_id) do nothing returning id`,
    [
      passkey.id,
      passkey.userId,
      passkey.credentialId,
      passkey.publicKey,
      passkey.counter,
      passkey.transports,
      passkey.name,
      new Date(passkey.createdAt),
    ],
  );
  return rows.length === 1;
}

export async function passkeys(db: Queryable, userId: string): Promise<Passkey[]> {
  const { rows } = await db.query<Passkey>(
    `select ${SHOWN} from accounts.passkeys where user_id = $1 order by created_at, id`,
    [userId],
  );
  return rows;
}

const CREDENTIAL = 'id, user_id as "userId", credential_id as "credentialId", public_key as "publicKey", transports';

export async function credentials(db: Queryable, userId: string): Promise<Credential[]> {
  const { rows } = await db.query<Credential>(
    `select ${CREDENTIAL} from accounts.passkeys where user_id = $1 order by created_at, id`,
    [userId],
  );
  return rows;
}

export async function credential(db: Queryable, credentialId: string): Promise<Credential | undefined> {
  const { rows } = await db.query<Credential>(`select ${CREDENTIAL} from accounts.passkeys where credential_id = $1`, [
    credentialId,
  ]);
  return rows[0];
}

/** False, and nothing is written, when the counter did not go up; authenticators without one always say 0. */
export async function usePasskey(db: Queryable, id: string, counter: number, at: number): Promise<boolean> {
  const { rows } = await db.query(
    `update accounts.passkeys set counter = $2, last_used_at = $3
     where id = $1 and (counter < $2 or (counter = 0 and $2 = 0)) returning id`,
    [id, counter, new Date(at)],
  );
  return rows.length === 1;
}

export async function renamePasskey(
  db: Queryable,
  userId: string,
  id: string,
  name: string,
): Promise<Passkey | undefined> {
  const { rows } = await db.query<Passkey>(
    `update accounts.passkeys set name = $3 where id = $1 and user_id = $2 returning ${SHOWN}`,
    [id, userId, name],
  );
  return rows[0];
}

/** Whether there was one. */
export async function deletePasskey(tx: Queryable, userId: string, id: string): Promise<boolean> {
  const { rows } = await tx.query('delete from accounts.passkeys where id = $1 and user_id = $2 returning id', [
    id,
    userId,
  ]);
  return rows.length === 1;
}
