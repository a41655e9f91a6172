import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint, importJWK, type CryptoKey, type JWK } from 'jose';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import { StartupError } from '../../platform/lifecycle.ts';
import { deriveKey, open, seal } from './secrets.ts';
import * as rows from './key-rows.ts';

export const ALGORITHM = 'EdDSA';

export interface SigningKeys {
  /** Signs new tokens. */
  current: { kid: string; privateKey: CryptoKey };
  /** Of all keys whose tokens are accepted, by key id. */
  publicKeys: ReadonlyMap<string, CryptoKey>;
  /** The same as a JWK Set (RFC 7517). */
  jwks: { keys: JWK[] };
}

/**
 * The keys of this installation; the first start makes one. Nodes that start together take turns, so they share it.
 * @throws StartupError when the keys were sealed under another master secret
 */
export async function loadSigningKeys(db: Database, clock: Clock, master: Buffer): Promise<SigningKeys> {
  const sealingKey = deriveKey(master, 'signing-keys');
  const present = await db.transaction(async (tx) => {
    await rows.lockSigningKeys(tx);
    const known = await rows.signingKeys(tx);
    if (known.length > 0) return known;
    const made = await createKey(sealingKey);
    await rows.insertSigningKey(tx, made, clock.now());
    return [made];
  });

  const publicKeys = new Map<string, CryptoKey>();
  for (const row of present) publicKeys.set(row.kid, await importKey(row.publicJwk));
  const [newest] = present;
  if (newest === undefined) throw new Error('no signing key');
  const privateJwk = open(sealingKey, newest.sealedPrivateJwk, context(newest.kid));
  if (privateJwk === undefined) {
    throw new StartupError(
      'The secret is not the one this database was set up with: its signing key cannot be opened. Start with the original secret.',
    );
  }
  return {
    current: { kid: newest.kid, privateKey: await importKey(JSON.parse(privateJwk) as JWK) },
    publicKeys,
    jwks: { keys: present.map((row) => row.publicJwk) },
  };
}

async function createKey(sealingKey: Buffer): Promise<rows.SigningKeyRow> {
  const pair = generateKeyPairSync('ed25519');
  const publicJwk = pair.publicKey.export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(publicJwk);
  return {
    kid,
    alg: ALGORITHM,
    publicJwk: { ...publicJwk, kid, alg: ALGORITHM, use: 'sig' },
    sealedPrivateJwk: seal(sealingKey, JSON.stringify(pair.privateKey.export({ format: 'jwk' })), context(kid)),
  };
}

// Binds a sealed key to its row: swapping two rows' ciphertexts is noticed.
function context(kid: string): string {
  return `signing-key:${kid}`;
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, ALGORITHM);
  if (key instanceof Uint8Array) throw new Error('a signing key must be asymmetric');
  return key;
}
