/** What is made of the master secret: one key per purpose, and the sealing of data at rest. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

type KeyPurpose =
  | 'refresh-successor'
  | 'csrf'
  | 'signing-keys'
  | 'codes'
  | 'challenges'
  | 'data-keys'
  | 'mail'
  | 'sms'
  | 'indexes'
  | 'ban-appeals';

/** HKDF-SHA-256 (RFC 5869) with a label of its own for each purpose: no key says anything about another. */
export function deriveKey(master: Buffer, purpose: KeyPurpose): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `confab/accounts/${purpose}/v1`, 32));
}

/** HMAC-SHA-256 of `label:value`, as base64url without padding. */
export function mac(key: Buffer, label: string, value: string): string {
  return createHmac('sha256', key).update(`${label}:${value}`).digest('base64url');
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM: version byte, random nonce, ciphertext, tag. `context` must be the same to open it. */
export function seal(key: Buffer, plaintext: string, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context));
  return Buffer.concat([
    Buffer.of(VERSION),
    nonce,
    cipher.update(plaintext, 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

/** The plaintext; undefined when key or context are others than it was sealed with, or it was changed since. */
export function open(key: Buffer, sealed: Buffer, context: string): string | undefined {
  if (sealed[0] !== VERSION || sealed.length < 1 + NONCE_BYTES + TAG_BYTES) return undefined;
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plaintext = decipher.update(sealed.subarray(1 + NONCE_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([plaintext, decipher.final()]).toString('utf8');
  } catch {
    // `final` throws exactly when the tag does not match.
    return undefined;
  }
}
