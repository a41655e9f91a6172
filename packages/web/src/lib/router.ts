/** Four paths on the History API: not enough to bring in a router. */
import { useSyncExternalStore } from 'react';

export type Route = { name: 'home' } | { name: 'signin' } | { name: 'signup' } | { name: 'room'; roomId: string };

export const roomPath = (roomId: string) => `/r/${encodeURIComponent(roomId)}`;

/** What a path shows. Unknown paths are the home page. */
export function parsePath(path: string): Route {
  if (path === '/signin') return { name: 'signin' };
  if (path === '/signup') return { name: 'signup' };
  const roomId = /^\/r\/([0-9a-f-]{36})\/?$/.exec(path)?.[1];
  return roomId === undefined ? { name: 'home' } : { name: 'room', roomId };
}

const listeners = new Set<() => void>();
function changed() {
  for (const listener of listeners) listener();
}
function subscribe(listener: () => void) {
  if (listeners.size === 0) window.addEventListener('popstate', changed);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener('popstate', changed);
  };
}

/** Goes to a path of this app. `replace` leaves no entry to go back to. */
export function navigate(path: string, options?: { replace: boolean }): void {
  if (path === location.pathname) return;
  if (options?.replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  changed();
}

export function useRoute(): Route {
  return parsePath(useSyncExternalStore(subscribe, () => location.pathname));
}
