/**
 * What a link brought after its `#`. It is taken out of the address bar at once: a token must not stay in the history, nor
 * be copied along with the address.
 */
import { useSyncExternalStore } from 'react';

let path = '';
let values = new URLSearchParams();
const listeners = new Set<() => void>();

function take(): void {
  if (location.hash.length < 2) return;
  path = location.pathname;
  values = new URLSearchParams(location.hash.slice(1));
  history.replaceState(history.state, '', location.pathname + location.search);
  for (const listener of listeners) listener();
}

take();
// A link followed on the page that is open already.
window.addEventListener('hashchange', take);

/** A value that the link to the present page brought; null when it brought none. */
export function useFragment(name: string): string | null {
  return useSyncExternalStore(subscribe, () => (path === location.pathname ? values.get(name) : null));
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
