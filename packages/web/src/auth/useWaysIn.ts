import type { CallOutput } from '@confab/sdk';
import { useLoaded } from '../lib/useLoaded.ts';
import { client } from '../lib/client.ts';

type WaysIn = CallOutput<'waysIn'>;

let known: Promise<WaysIn> | undefined;

function load(): Promise<WaysIn> {
  known ??= client.call('waysIn').catch((thrown: unknown) => {
    known = undefined;
    throw thrown;
  });
  return known;
}

/** What is switched on here; null until it is known. Asked for once. */
export function useWaysIn(): WaysIn | null {
  return useLoaded(load).data;
}
