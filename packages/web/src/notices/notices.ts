/** What the place has told me, and what was done about me, kept while I am signed in. */
import type { Notice, Sanction } from '@confab/sdk';
import { useEffect, useSyncExternalStore } from 'react';
import { client, useClient } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { toast } from '../ui/toasts.tsx';
import { noticeWords } from './words.ts';

interface Told {
  /** The newest first; null until they are known. */
  notices: readonly Notice[] | null;
  unseen: number;
  hasMore: boolean;
  /** What was done about me, the newest first. */
  sanctions: readonly Sanction[];
}

const NOTHING: Told = { notices: null, unseen: 0, hasMore: false, sanctions: [] };
let told = NOTHING;
const listeners = new Set<() => void>();

function set(next: Told) {
  told = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useNotices(): Told {
  return useSyncExternalStore(subscribe, () => told);
}

async function load(): Promise<void> {
  const [page, { sanctions }] = await Promise.all([client.call('notices', { query: {} }), client.call('sanctions')]);
  set({ ...page, sanctions });
}

/** What was done about me, the newest first, as it is now. */
export async function loadSanctions(): Promise<readonly Sanction[]> {
  const { sanctions } = await client.call('sanctions');
  set({ ...told, sanctions });
  return sanctions;
}

/** Asks, once, for another look at what was done. @throws ConfabError already_appealed, network */
export async function appeal(sanctionId: string, text: string): Promise<void> {
  await client.call('appeal', { params: { sanctionId }, body: { text } });
  await loadSanctions();
}

/** What keeps me from writing in a room, or anywhere; undefined when nothing does. */
export function useMute(roomId: string): Sanction | undefined {
  const { sanctions } = useNotices();
  const now = useNow();
  const binds = (sanction: Sanction) =>
    sanction.type === 'mute' && sanction.liftedAt === null && (sanction.until === null || sanction.until > now);
  return sanctions.find((one) => binds(one) && (one.roomId === null || one.roomId === roomId));
}

/** The page after those that are known. @throws ConfabError */
export async function loadMoreNotices(): Promise<void> {
  const known = told.notices ?? [];
  const last = known.at(-1);
  if (!told.hasMore || last === undefined) return;
  const page = await client.call('notices', { query: { before: last.id } });
  set({ ...told, ...page, notices: [...known, ...page.notices] });
}

/** I have read all that is known. They stay marked as new here until the page is left. */
export async function seeNotices(): Promise<void> {
  const ids = (told.notices ?? []).filter(({ seenAt }) => seenAt === null).map(({ id }) => id);
  if (ids.length === 0) return;
  const { unseen } = await client.call('seeNotices', { body: { ids: ids.slice(0, MOST_AT_ONCE) } });
  set({ ...told, unseen });
}
const MOST_AT_ONCE = 100;

/** The page was left: what was new on it is so no longer. */
export function endNew(): void {
  const now = Date.now();
  set({
    ...told,
    notices: told.notices && told.notices.map((notice) => ({ ...notice, seenAt: notice.seenAt ?? now })),
  });
}

/** Keeps them up to date for whoever is signed in, as long as it is mounted; what is new is shown at once. */
export function useKeptNotices(): void {
  const online = useClient((known) => known.status === 'online');
  useEffect(
    () =>
      client.on('notice', (notice, unseen) => {
        const others = told.notices?.filter(({ id }) => id !== notice.id) ?? [];
        set({ ...told, notices: told.notices && [notice, ...others], unseen });
        toast(noticeWords(notice));
        // It tells of one that began, ended or was looked at again.
        if (notice.sanctionId !== null) loadSanctions().catch(() => undefined);
      }),
    [],
  );
  useEffect(() => {
    // The next connection asks again.
    if (online) load().catch(() => undefined);
  }, [online]);
  useEffect(() => () => set(NOTHING), []);
}
