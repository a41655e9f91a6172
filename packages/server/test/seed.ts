/**
 * For vitest, before each test file: what tests draw at random follows from one seed, the same in every run unless
 * `TEST_SEED` is another number, or `random`. Failures print it.
 */
import fc from 'fast-check';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    seed: number;
  }
}

export const SEED = inject('seed');

fc.configureGlobal({ seed: SEED });
