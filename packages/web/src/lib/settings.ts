/** What I have set, on all my devices: taken afresh whenever the connection comes up. */
import type { CallInput, Settings } from '@confab/sdk';
import { useEffect, useSyncExternalStore } from 'react';
import { attempt } from './attempt.ts';
import { client, useClient } from './client.ts';
import { showTimesAgain } from './now.ts';
import { setClock } from './time.ts';

type SettingsChange = NonNullable<CallInput<'updateSettings'>['body']>;

let settings: Settings | null = null;
const listeners = new Set<() => void>();

function set(next: Settings | null): void {
  const before = settings?.chat;
  settings = next;
  if (before?.clock !== next?.chat.clock) {
    setClock(next?.chat.clock ?? 'auto');
    showTimesAgain();
  }
  if (next?.chat.animations === false) document.documentElement.dataset['still'] = '';
  else delete document.documentElement.dataset['still'];
  for (const listener of listeners) listener();
}

/** null until they are known. */
export function useSettings(): Settings | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => settings,
  );
}

/** Changes them on the server and then here; tells when that fails. */
export function changeSettings(body: SettingsChange): void {
  attempt(client.call('updateSettings', { body }).then(set));
}

/** Keeps the settings of who is signed in, as long as it is mounted. */
export function useKeptSettings(): void {
  const online = useClient((known) => known.status === 'online');
  useEffect(() => {
    if (!online) return;
    let current = true;
    // Without them the standard ones hold.
    client.call('settings').then(
      (next) => current && set(next),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [online]);
  useEffect(() => () => set(null), []);
}
