/** From page load to signed in: restores the session once and connects. */
import { ConfabError, type SessionEnd } from '@confab/sdk';
import { useSyncExternalStore } from 'react';
import { client } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { removeItems } from '../lib/storage.ts';
import { toast } from '../ui/toasts.tsx';

/** `unreachable`: whether there is a session could not be found out. */
type Start = 'starting' | 'unreachable' | 'started';

let start: Start = 'starting';
/** Why the last session of this page ended by itself. */
let lastEnd: SessionEnd | null = null;
/** Why whoever was signed in here is kept out; null when nobody is. */
let ban: ConfabError | null = null;
const listeners = new Set<() => void>();
function set(next: Start) {
  start = next;
  for (const listener of listeners) listener();
}

/**
 * The tabs of a browser share one session. What happened in one: `userId` has come in, or is no longer who they were.
 */
interface News {
  arrived?: string;
  changed?: string;
}
const otherTabs = new BroadcastChannel('confab.session');
const tell = (news: News) => otherTabs.postMessage(news);
otherTabs.addEventListener('message', ({ data }: MessageEvent<News>) => {
  const id = client.me?.id;
  if (data.arrived !== undefined && id === undefined) void startSession();
  // Everything here is someone else's now.
  else if (data.arrived !== undefined && id !== data.arrived) location.reload();
  if (data.changed !== undefined && id === data.changed) client.call('profile').catch(() => undefined);
});

/** Takes up the session of an earlier visit, if there is one. */
export async function startSession(): Promise<void> {
  set('starting');
  ban = null;
  try {
    if (await client.restore()) connect();
    set('started');
  } catch (thrown) {
    if (thrown instanceof ConfabError && thrown.code === 'account_banned') {
      ban = thrown;
      set('started');
      return;
    }
    set('unreachable');
    window.addEventListener('online', () => start === 'unreachable' && void startSession(), { once: true });
  }
}

/** Goes online and stays so. The end of the session is told by `session-ended`. */
function connect(): void {
  client.connect().catch(() => undefined);
}

/** The person has come in here, and so in the other tabs. */
export function arrived(): void {
  lastEnd = null;
  ban = null;
  connect();
  if (client.me) tell({ arrived: client.me.id });
}

/** The profile has changed by another call than its own: it is asked for again, in the other tabs as well. */
export function profileChanged(): void {
  if (client.me === null) return;
  tell({ changed: client.me.id });
  client.call('profile').catch(() => undefined);
}

/** Also forgets what was being written here. @throws ConfabError network */
export async function signOut(): Promise<void> {
  await client.signOut();
  lastEnd = null;
  removeItems('draft.');
}

// Nobody waits for these: a message that could not be kept on this device, an answer that makes no sense.
client.on('error', (error) => toast(messageOf(error)));
client.on('session-ended', (reason) => {
  lastEnd = reason;
  // What the cookie is worth now: somebody else’s session, or why this one ended.
  if (reason === 'replaced' || reason === 'banned') void startSession();
});

export function useStart(): Start {
  return useSyncExternalStore(subscribe, () => start);
}

/** Why the session of this page ended by itself, to be told where one signs in; null when it did not. */
export function useSessionEnd(): SessionEnd | null {
  return useSyncExternalStore(subscribe, () => lastEnd);
}

/** What keeps out whoever was signed in here: since when, until when, why, and what to appeal with; null when nothing does. */
export function useBan(): ConfabError | null {
  return useSyncExternalStore(subscribe, () => ban);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
