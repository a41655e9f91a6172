/** Whose card is open, over whatever page. */
import { useSyncExternalStore } from 'react';

let open: string | null = null;
const listeners = new Set<() => void>();

export function openPerson(userId: string | null): void {
  open = userId;
  for (const listener of listeners) listener();
}

export function useOpenPerson(): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => open,
  );
}
