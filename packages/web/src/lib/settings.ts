/** What I have set, on all my devices: taken afresh whenever the connection comes up. */
import type { Settings } from '@confab/sdk';
import { useEffect, useSyncExternalStore } from 'react';
import { attempt } from './attempt.ts';
import { client, useClient } from './client.ts';
import { showTimesAgain } from './now.ts';
import { setClock } from './time.ts';

type SettingsChange = { [Part in keyof Settings]?: Partial<Settings[Part]> };

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

/** Changes them here at once and on the server; when that fails it is told, and undone. */
export function changeSettings(body: SettingsChange): void {
  const before = settings;
  if (before === null) return;
  set({
    privacy: { ...before.privacy, ...body.privacy },
    notifications: { ...before.notifications, ...body.notifications },
    chat: { ...before.chat, ...body.chat },
  });
  const done = client.call('updateSettings', { body }).then(set);
  done.catch(() => set(before));
  attempt(done);
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
