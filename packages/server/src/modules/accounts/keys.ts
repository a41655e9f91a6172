/** The keys that sign access tokens. They are replaced while the server runs, on every node, and no token is lost by it. */
import { generateKeyPairSync } from 'node:crypto';
import type { CryptoKey, JWK } from 'jose';
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint';
import { importJWK } from 'jose/key/import';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import { StartupError } from '../../platform/lifecycle.ts';
import { deriveKey, open, seal } from './secrets.ts';
import * as rows from './key-rows.ts';

export const ALGORITHM = 'EdDSA';

/** A new key is published for so long before it signs: until then every node has taken it up, and who caches the JWKS. */
const SIGNS_AFTER_MS = 2 * 60_000;
/** Counted from its successor's making: until that signs, then as long as tokens live (15 minutes), and a margin for clocks. */
const ACCEPTED_FOR_MS = 20 * 60_000;
/** Anybody can name a key that does not exist. */
const ASKED_EVERY_MS = 10_000;

export interface SigningKeys {
  /** Signs new tokens. */
  readonly current: { kid: string; privateKey: CryptoKey };
  /** All keys whose tokens are accepted, as a JWK Set (RFC 7517). */
  readonly jwks: { keys: JWK[] };
  /** Whether tokens of a key that was known once are still accepted. */
  accepts(kid: string): boolean;
  /** One whose tokens are accepted. For an unknown one the database is asked, at most every 10 s. */
  publicKey(kid: string): Promise<CryptoKey | undefined>;
  /**
   * Adds a key. It signs 2 minutes later; tokens of the old ones are accepted until they have expired. Calls at the same
   * time take turns, and each adds one.
   */
  rotate(): Promise<void>;
  /** Takes up keys that other nodes added, and lets go of those whose tokens have expired. To be called each minute. */
  reload(): Promise<void>;
}

interface Key {
  createdAt: number;
  publicJwk: JWK;
  publicKey: CryptoKey;
  privateKey: CryptoKey;
}

/**
 * The keys of this installation; the first start makes one. Nodes that start together take turns, so they share it.
 * @throws StartupError when the keys were sealed under another master secret
 */
export async function loadSigningKeys(db: Database, clock: Clock, master: Buffer): Promise<SigningKeys> {
  const sealingKey = deriveKey(master, 'signing-keys');
  /** By key id, the newest first. */
  let keys: ReadonlyMap<string, Key> = new Map();
  let loading: Promise<void> | undefined;
  let askedAt = -Infinity;

  async function load(): Promise<void> {
    const now = clock.now();
    await rows.retireSigningKeys(db, now - ACCEPTED_FOR_MS, now);
    const found = new Map<string, Key>();
    for (const row of await rows.signingKeys(db)) {
      found.set(row.kid, keys.get(row.kid) ?? (await openKey(row, sealingKey)));
    }
    keys = found;
  }

  // Of calls at the same time only the first asks the database, so an older answer never replaces a newer one.
  function reload(): Promise<void> {
    return (loading ??= load().finally(() => (loading = undefined)));
  }

  async function add(wanted: (newest: rows.SigningKeyRow | undefined) => boolean): Promise<void> {
    await db.transaction(async (tx) => {
      await rows.lockSigningKeys(tx);
      const [newest] = await rows.signingKeys(tx);
      if (!wanted(newest)) return;
      // Newer than any other, also by a clock that is behind.
      const createdAt = Math.max(clock.now(), (newest?.createdAt ?? 0) + 1);
      await rows.insertSigningKey(tx, await createKey(sealingKey, createdAt));
    });
    // One under way may have begun before.
    await loading;
    await reload();
  }

  await add((newest) => newest === undefined);

  return {
    get current() {
      const newestFirst = [...keys];
      const published = newestFirst.find(([, { createdAt }]) => createdAt + SIGNS_AFTER_MS <= clock.now());
      const signing = published ?? newestFirst.at(-1);
      if (signing === undefined) throw new Error('no signing key');
      return { kid: signing[0], privateKey: signing[1].privateKey };
    },
    get jwks() {
      return { keys: [...keys.values()].map(({ publicJwk }) => publicJwk) };
    },
    accepts: (kid) => keys.has(kid),
    async publicKey(kid) {
      const now = clock.now();
      if (!keys.has(kid)) {
        if (now - askedAt >= ASKED_EVERY_MS) {
          askedAt = now;
          await reload();
        } else {
          await loading;
        }
      }
      return keys.get(kid)?.publicKey;
    },
    rotate: () => add(() => true),
    reload,
  };
}

async function createKey(sealingKey: Buffer, createdAt: number): Promise<rows.SigningKeyRow> {
  const pair = generateKeyPairSync('ed25519');
  const publicJwk = pair.publicKey.export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(publicJwk);
  return {
    kid,
    alg: ALGORITHM,
    publicJwk: { ...publicJwk, kid, alg: ALGORITHM, use: 'sig' },
    sealedPrivateJwk: seal(sealingKey, JSON.stringify(pair.privateKey.export({ format: 'jwk' })), context(kid)),
    createdAt,
  };
}

async function openKey({ kid, publicJwk, sealedPrivateJwk, createdAt }: rows.SigningKeyRow, sealingKey: Buffer) {
  const privateJwk = open(sealingKey, sealedPrivateJwk, context(kid));
  if (privateJwk === undefined) {
    throw new StartupError(
      'The secret is not the one this database was set up with: its signing key cannot be opened. Start with the original secret.',
    );
  }
  const [publicKey, privateKey] = await Promise.all([importKey(publicJwk), importKey(JSON.parse(privateJwk) as JWK)]);
  return { createdAt, publicJwk, publicKey, privateKey };
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
