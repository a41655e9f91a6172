/** SQL of the keys that sign access tokens. */
import type { JWK } from 'jose';
import type { Queryable } from '../../platform/db/index.ts';

export interface SigningKeyRow {
  kid: string;
  alg: string;
  publicJwk: JWK;
  sealedPrivateJwk: Buffer;
  /** Epoch ms. No two have the same. */
  createdAt: number;
}

/** Until the transaction ends, no other one gets past this. */
export async function lockSigningKeys(tx: Queryable): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('accounts.signing_keys', 0))`);
}

/** Keys whose tokens are accepted, the newest first. */
export async function signingKeys(db: Queryable): Promise<SigningKeyRow[]> {
  const { rows } = await db.query<SigningKeyRow>(
    `select kid, alg, public_jwk as "publicJwk", private_jwk as "sealedPrivateJwk", created_at as "createdAt"
     from accounts.signing_keys where retired_at is null order by created_at desc`,
  );
  return rows;
}

export async function insertSigningKey(db: Queryable, key: SigningKeyRow): Promise<void> {
  await db.query(
    'insert into accounts.signing_keys (kid, alg, public_jwk, private_jwk, created_at) values ($1, $2, $3, $4, $5)',
    [key.kid, key.alg, JSON.stringify(key.publicJwk), key.sealedPrivateJwk, new Date(key.createdAt)],
  );
}

/** Tokens of keys that have had a successor since `supersededBy` are no longer accepted. Idempotent. */
export async function retireSigningKeys(db: Queryable, supersededBy: number, at: number): Promise<void> {
  await db.query(
    `update accounts.signing_keys as old set retired_at = $2
     where retired_at is null and exists (
       select from accounts.signing_keys as newer
       where newer.created_at > old.created_at and newer.created_at <= $1
     )`,
    [new Date(supersededBy), new Date(at)],
  );
}
