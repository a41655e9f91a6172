/** How things stand between me and strangers, on all my devices: asked for whenever the connection comes up, then told. */
import type { MatchState } from '@confab/sdk';
import { useEffect, useSyncExternalStore } from 'react';
import { client, useClient } from '../lib/client.ts';
import { toast } from '../ui/toasts.tsx';

interface Standing {
  /** null until it is known. */
  match: MatchState | null;
  /** What was in common with whoever was met last, and where: it is remembered once it is over. */
  met: { roomId: string; common: readonly string[] } | null;
}

const NOTHING: Standing = { match: null, met: null };
let standing = NOTHING;
const listeners = new Set<() => void>();

/** What an answer or an event says. */
export function setMatch(match: MatchState): void {
  const met = match.state === 'matched' ? match : standing.met;
  set({ match, met });
}

function set(next: Standing) {
  standing = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useMatch(): Standing {
  return useSyncExternalStore(subscribe, () => standing);
}

/** Keeps it up to date for whoever is signed in, as long as it is mounted. */
export function useKeptMatch(): void {
  const online = useClient((known) => known.status === 'online');
  useEffect(
    () =>
      client.on('match', (match) => {
        setMatch(match);
        // That page leads there by itself.
        if (match.state === 'matched' && location.pathname !== '/strangers')
          toast(`You have met ${match.user.name}: look at the top of your conversations.`);
      }),
    [],
  );
  useEffect(() => {
    if (!online) return;
    // The next connection asks again.
    client.match.state().then(setMatch, () => undefined);
  }, [online]);
  useEffect(() => () => set(NOTHING), []);
}
