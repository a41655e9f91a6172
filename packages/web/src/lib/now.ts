import { useSyncExternalStore } from 'react';

const STEP_MS = 60_000;
let now = Date.now();

const listeners = new Set<() => void>();

function subscribe(changed: () => void) {
  const timer = setInterval(() => {
    now = Date.now();
    changed();
  }, STEP_MS);
  listeners.add(changed);
  return () => {
    clearInterval(timer);
    listeners.delete(changed);
  };
}

/** Has everything that shows a time show it again, when how times are written has changed. */
export function showTimesAgain(): void {
  now = Date.now();
  for (const changed of listeners) changed();
}

/** The time, to the minute: what shows it changes by itself. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
