/** Makes access tokens as an insider or a stranger would. */
import { createPrivateKey, generateKeyPairSync, type JsonWebKeyInput, type KeyObject, sign } from 'node:crypto';
import { deriveKey, open } from '../src/modules/accounts/secrets.ts';
import type { Database } from '../src/platform/db/index.ts';
import { SECRET } from './accounts.ts';

export type Part = Record<string, unknown>;
export const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
export const decode = (part: string | undefined) => JSON.parse(Buffer.from(part ?? '', 'base64url').toString()) as Part;

/** The installation's real private key. */
export async function insiderKey(db: Database): Promise<KeyObject> {
  const { rows } = await db.query<{ kid: string; key: Buffer }>(
    'select kid, private_jwk as key from accounts.signing_keys',
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no key');
  const jwk = open(deriveKey(SECRET, 'signing-keys'), row.key, `signing-key:${row.kid}`);
  return createPrivateKey({ key: JSON.parse(jwk ?? '') as JsonWebKeyInput['key'], format: 'jwk' });
}

export const strangerKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey;

/** Three parts, the first two as given, signed by an Ed25519 key. */
export function signed(first: string, second: string, key: KeyObject): string {
  const input = `${first}.${second}`;
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
}
