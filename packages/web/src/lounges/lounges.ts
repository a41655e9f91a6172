/** The lounges as the server lists them, for the whole page: shown in several places, asked for once. */
import type { Lounge } from '@confab/sdk';
import { useEffect, useSyncExternalStore } from 'react';
import { client } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';

interface Listed {
  /** null until they are known. */
  lounges: readonly Lounge[] | null;
  /** Why they could not be asked for the last time. */
  problem: string | null;
}

const REFRESH_MS = 15_000;

let listed: Listed = { lounges: null, problem: null };
let asking: Promise<void> | null = null;
const listeners = new Set<() => void>();

function set(next: Listed) {
  listed = next;
  for (const listener of listeners) listener();
}

/** Asks for them again; those who ask at the same time share the answer. */
function refreshLounges(): Promise<void> {
  asking ??= client
    .call('lounges')
    .then(
      ({ lounges }) => set({ lounges, problem: null }),
      (thrown: unknown) => set({ ...listed, problem: messageOf(thrown) }),
    )
    .finally(() => (asking = null));
  return asking;
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Kept up to date while mounted and in view. */
export function useLounges(): Listed {
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') void refreshLounges();
    };
    look();
    const timer = setInterval(look, REFRESH_MS);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return useSyncExternalStore(subscribe, () => listed);
}

/** The lounge of a room; undefined until it is known. */
export function useLounge(loungeId: string | null): Lounge | undefined {
  const found = useSyncExternalStore(subscribe, () => listed.lounges?.find(({ id }) => id === loungeId));
  const missing = loungeId !== null && found === undefined;
  useEffect(() => {
    if (missing) void refreshLounges();
  }, [missing, loungeId]);
  return found;
}
