import { ProtocolError } from '@confab/protocol';
import { hash, verify } from '@node-rs/argon2';

/** Argon2id (the library's default variant) with the cost OWASP's Password Storage Cheat Sheet asks for; 19 MiB each. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashing keeps two of libuv's four threads busy at most, so that files and name look-ups are served meanwhile. */
const RUNNING = 2;
const WAITING = 100;

/** Hashes and checks passwords, a bounded number at a time; those that find no place are refused with `overloaded`. */
export interface Passwords {
  /** A salted hash in PHC format. */
  hash(password: string): Promise<string>;
  /**
   * Whether `password` is the one of `passwordHash`. Without a hash the answer is false after the same work, so that
   * how long it takes does not tell whether there is an account.
   */
  matches(password: string, passwordHash: string | null): Promise<boolean>;
  /** @throws ProtocolError bad_input for one of the most common ones */
  demandUncommon(password: string, field?: string): void;
}

export async function createPasswords(): Promise<Passwords> {
  const gate = createGate(RUNNING, WAITING);
  const nobodys = await hash('', COST);
  return {
    hash: (password) => gate(() => hash(bytes(password), COST)),
    async matches(password, passwordHash) {
      const correct = await gate(() => verify(passwordHash ?? nobodys, bytes(password)));
      return correct && passwordHash !== null;
    },
    demandUncommon: () => undefined,
  };
}

/**
 * The same password typed on another keyboard may be other code points: Unicode NFC makes them one (RFC 8265 §4.2). It
 * is used in full length.
 */
function bytes(password: string): Buffer {
  return Buffer.from(password.normalize('NFC'), 'utf8');
}

/** Lets `running` through at once and `waiting` wait, in order of arrival. */
function createGate(running: number, waiting: number): <T>(work: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = [];
  let active = 0;
  return async (work) => {
    if (active < running) {
      active++;
    } else {
      if (queue.length >= waiting) throw new ProtocolError('overloaded', { retryAfter: 1 });
      await new Promise<void>((resolve) => queue.push(resolve));
    }
    try {
      return await work();
    } finally {
      // A place is handed on, so that nobody overtakes those who wait.
      const next = queue.shift();
      if (next === undefined) active--;
      else next();
    }
  };
}
