/** How much waits for me: one look for all that show it. */
import { useEffect, useSyncExternalStore } from 'react';
import { client } from '../lib/client.ts';
import { paced } from '../lib/paced.ts';

/** null until it is known. */
export interface Waiting {
  reports: number | null;
  held: number | null;
  appeals: number | null;
}

/** From here on it is "that many or more". */
const MOST = 100;
const UNKNOWN: Waiting = { reports: null, held: null, appeals: null };
const QUERY = { limit: String(MOST) };
const COUNTS = {
  /** Those that nobody has taken, and mine. */
  reports: async () => {
    const [open, mine] = await Promise.all([
      client.call('cases', { query: QUERY }),
      client.call('cases', { query: { ...QUERY, state: 'assigned', mine: 'true' } }),
    ]);
    return open.cases.length + mine.cases.length;
  },
  held: async () => (await client.call('held', { query: QUERY })).messages.length,
  appeals: async () => (await client.call('appeals', { query: QUERY })).sanctions.length,
} as const satisfies Record<keyof Waiting, () => Promise<number>>;
const KINDS = ['reports', 'held', 'appeals'] as const;

let waiting = UNKNOWN;
let users = 0;
let stop: (() => void) | null = null;
/** Looks again, after a pause. */
let lookSoon: (kinds: readonly (keyof Waiting)[]) => void = () => undefined;
const listeners = new Set<() => void>();

function set(next: Waiting): void {
  waiting = next;
  for (const listener of listeners) listener();
}

/** Looks when the page becomes visible, when the connection is back, and when the server tells that something waits. */
function watch(): () => void {
  let over = false;
  let online = false;
  const wanted = new Set<keyof Waiting>();
  const look = () => {
    if (document.visibilityState !== 'visible') return;
    for (const kind of wanted)
      COUNTS[kind]().then(
        (n) => over || set({ ...waiting, [kind]: n }),
        // What was known stays; there will be other news.
        () => undefined,
      );
    wanted.clear();
  };
  // News comes in bursts, up to once a second of each kind and room.
  const soon = paced(look);
  lookSoon = (kinds) => {
    for (const kind of kinds) wanted.add(kind);
    soon();
  };
  const lookAtAll = () => {
    for (const kind of KINDS) wanted.add(kind);
    look();
  };
  const stopNews = client.on('moderation', ({ what }) => {
    if (what === 'case') lookSoon(['reports']);
    else if (what === 'appeal') lookSoon(['appeals']);
    else lookSoon(['held']);
  });
  const stopStatus = client.subscribe(() => {
    const now = client.status === 'online';
    if (now && !online) lookAtAll();
    online = now;
  });
  document.addEventListener('visibilitychange', lookAtAll);
  online = client.status === 'online';
  if (online) lookAtAll();
  return () => {
    over = true;
    soon.stop();
    stopNews();
    stopStatus();
    document.removeEventListener('visibilitychange', lookAtAll);
    lookSoon = () => undefined;
    set(UNKNOWN);
  };
}

/** After something was decided here. */
export const lookAgain = (kind: keyof Waiting): void => lookSoon([kind]);

/** @param moderates whether there is anything that could wait */
export function useWaiting(moderates: boolean): Waiting {
  useEffect(() => {
    if (!moderates) return undefined;
    users += 1;
    if (users === 1) stop = watch();
    return () => {
      users -= 1;
      if (users === 0) stop?.();
    };
  }, [moderates]);
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => waiting,
  );
}

export const countText = (n: number): string => (n >= MOST ? `${MOST - 1}+` : String(n));
