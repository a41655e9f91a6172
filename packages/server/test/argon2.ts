/**
 * For vitest, in place of `@node-rs/argon2`: hashes the password that nearly everyone in the tests has once per process,
 * and everything else as ever. Hashing it for each of them was a quarter of all the work the tests did.
 */
import { createRequire } from 'node:module';
import type * as Argon2 from '@node-rs/argon2';

const argon2 = createRequire(import.meta.url)('@node-rs/argon2') as typeof Argon2;
export const { verify } = argon2;

/** Whom `Person.signUp` and the clients of the SDK's tests make. */
const COMMON = Buffer.from('a good password');
/** By cost. */
const hashes = new Map<string, Promise<string>>();

export const hash: typeof argon2.hash = (password, options, signal) => {
  if (!COMMON.equals(Buffer.from(password))) return argon2.hash(password, options, signal);
  const cost = JSON.stringify(options);
  const hashed = hashes.get(cost) ?? argon2.hash(password, options);
  hashes.set(cost, hashed);
  return hashed;
};
