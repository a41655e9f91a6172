import { useSyncExternalStore } from 'react';

const STEP_MS = 60_000;
let now = Date.now();

function subscribe(changed: () => void) {
  const timer = setInterval(() => {
    now = Date.now();
    changed();
  }, STEP_MS);
  return () => clearInterval(timer);
}

/** The time, to the minute: what shows it changes by itself. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
