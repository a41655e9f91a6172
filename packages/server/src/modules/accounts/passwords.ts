import { ProtocolError } from '@confab/protocol';
import { hash, verify } from '@node-rs/argon2';
import { createGate } from '../../platform/gate.ts';
import { isCommon, saysWho } from './common-passwords.ts';

/** Argon2id (the library's default variant) with the cost OWASP's Password Storage Cheat Sheet asks for; 19 MiB each. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

const PHC_PREFIX = `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}$`;

/** Hashes that were brought from elsewhere. */
const BCRYPT = /^\$2[aby]\$/;
/** bcrypt does not look at what follows: of a longer password, that would never be asked for. */
const BCRYPT_BYTES = 72;

/** Hashing keeps two of libuv's four threads busy at most, so that files and name look-ups are served meanwhile. */
const RUNNING = 2;
const WAITING = 100;

/** Hashes and checks passwords, a bounded number at a time; those that find no place are refused with `overloaded`. */
export interface Passwords {
  /** A salted hash in PHC format. */
  hash(password: string): Promise<string>;
  /**
   * Whether `password` is the one of `passwordHash`, which is argon2 or bcrypt ($2a, $2b, $2y; up to 72 bytes). Without
   * a hash the answer is false after the same work, so that how long it takes does not tell whether there is an account.
   */
  matches(password: string, passwordHash: string | null): Promise<boolean>;
  /** Whether `hash` would make another kind of hash by now: then the password is hashed anew when it is next known. */
  isOutdated(passwordHash: string): boolean;
  /**
   * @param own username and address of whose it is to be
   * @throws ProtocolError bad_input naming `field` for one of the most common ones, or one that tells who its owner is
   */
  demandUncommon(password: string, own?: readonly (string | null)[], field?: string): void;
}

export async function createPasswords(): Promise<Passwords> {
  const gate = createGate(RUNNING, WAITING);
  const nobodys = await hash('', COST);
  return {
    hash: (password) => gate(() => hash(bytes(password), COST)),
    async matches(password, passwordHash) {
      const correct = await gate(() => check(bytes(password), passwordHash ?? nobodys));
      return correct && passwordHash !== null;
    },
    isOutdated: (passwordHash) => !passwordHash.startsWith(PHC_PREFIX),
    demandUncommon(password, own = [], field = 'password') {
      if (isCommon(password) || saysWho(password, own)) {
        const problem = 'is one that many people have, or says who you are: choose another one';
        throw new ProtocolError('bad_input', { fields: [{ field, problem }] });
      }
    },
  };
}

async function check(password: Buffer, passwordHash: string): Promise<boolean> {
  if (!BCRYPT.test(passwordHash)) return verify(passwordHash, password);
  if (password.length > BCRYPT_BYTES) return false;
  const bcrypt = await import('@node-rs/bcrypt');
  return bcrypt.verify(password, passwordHash);
}

/**
 * The same password typed on another keyboard may be other code points: Unicode NFC makes them one (RFC 8265 §4.2). It
 * is used in full length.
 */
function bytes(password: string): Buffer {
  return Buffer.from(password.normalize('NFC'), 'utf8');
}
