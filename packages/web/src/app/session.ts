/** From page load to signed in: restores the session once and connects. */
import { useSyncExternalStore } from 'react';
import { client } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { removeItems } from '../lib/storage.ts';
import { toast } from '../ui/toasts.tsx';

/** `unreachable`: whether there is a session could not be found out. */
type Start = 'starting' | 'unreachable' | 'started';

let start: Start = 'starting';
const listeners = new Set<() => void>();
function set(next: Start) {
  start = next;
  for (const listener of listeners) listener();
}

/** Takes up the session of an earlier visit, if there is one. */
export async function startSession(): Promise<void> {
  set('starting');
  try {
    if (await client.restore()) connect();
    set('started');
  } catch {
    set('unreachable');
    window.addEventListener('online', () => start === 'unreachable' && void startSession(), { once: true });
  }
}

/** Goes online and stays so. The end of the session is told by `session-ended`. */
export function connect(): void {
  client.connect().catch(() => undefined);
}

/** Also forgets what was being written here. @throws ConfabError network */
export async function signOut(): Promise<void> {
  await client.signOut();
  removeItems('draft.');
}

// Nobody waits for these: a message that could not be kept on this device, an answer that makes no sense.
client.on('error', (error) => toast(messageOf(error)));
client.on('session-ended', () => toast('Your session has ended. Sign in again.'));

export function useStart(): Start {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => start,
  );
}
