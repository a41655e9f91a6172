/** A dozen paths on the History API: not enough to bring in a router. */
import { useSyncExternalStore } from 'react';

export type Route =
  | { name: EntryPageName }
  | { name: 'home' | 'unknown' | PageName }
  /** `threadId`: the thread beside it. `n`: the message to show. */
  | { name: 'room'; roomId: string; threadId: string | null; n: number | null }
  /** The query is the URL's own. */
  | { name: 'search'; query: string }
  | { name: 'invite'; code: string }
  | { name: 'settings'; page: SettingsPageName }
  | { name: 'admin'; page: AdminPageName }
  /** `id`: the case or the person that is open. */
  | { name: 'moderation'; page: ModerationPageName; id: string | null };

export type SettingsPageName = (typeof SETTINGS_PAGES)[number];
export type AdminPageName = (typeof ADMIN_PAGES)[number];
export type ModerationPageName = (typeof MODERATION_PAGES)[number];

export type EntryPageName = (typeof ENTRY_PAGES)[number];
type PageName = (typeof PAGES)[number];

const ENTRY_PAGES = [
  'signin',
  'signup',
  'forgot',
  'second-factor',
  'welcome',
  'reset-password',
  'verify-email',
] as const;
const PAGES = ['mentions', 'starred', 'scheduled', 'explore', 'lounges', 'strangers', 'notices'] as const;
const SETTINGS_PAGES = ['profile', 'account', 'security', 'privacy', 'notifications', 'chat'] as const;
const ADMIN_PAGES = ['accounts', 'audit'] as const;
const MODERATION_PAGES = [
  'figures',
  'reports',
  'held',
  'appeals',
  'members',
  'automod',
  'rooms',
  'networks',
  'log',
] as const;

export const roomPath = (roomId: string) => `/r/${encodeURIComponent(roomId)}`;
export const threadPath = (roomId: string, threadId: string) => `${roomPath(roomId)}/t/${encodeURIComponent(threadId)}`;
/** The room, with one message brought into view. */
export const messagePath = (roomId: string, n: number) => `${roomPath(roomId)}?n=${n}`;
export const invitePath = (code: string) => `/invite/${encodeURIComponent(code)}`;
export const moderationPath = (page: ModerationPageName, id: string | null = null) =>
  `/moderation/${page}${id === null ? '' : `/${encodeURIComponent(id)}`}`;
export const searchPath = (query: URLSearchParams | string = '') => `/search${String(query) === '' ? '' : `?${query}`}`;

/** What a path with its query shows. */
export function parsePath(location: string): Route {
  const [path = '', query = ''] = location.split('?', 2);
  const page = [...ENTRY_PAGES, ...PAGES].find((name) => path === `/${name}`);
  if (page !== undefined) return { name: page };
  if (path === '/search') return { name: 'search', query };
  const code = /^\/invite\/([\w-]{10,64})\/?$/.exec(path)?.[1];
  if (code !== undefined) return { name: 'invite', code };
  const [, area, name] = /^\/(settings|admin)(?:\/([^/]+))?\/?$/.exec(path) ?? [];
  if (area === 'settings') {
    const page = name === undefined ? 'profile' : SETTINGS_PAGES.find((page) => page === name);
    return page === undefined ? UNKNOWN : { name: 'settings', page };
  }
  if (area === 'admin') {
    const page = name === undefined ? 'accounts' : ADMIN_PAGES.find((page) => page === name);
    return page === undefined ? UNKNOWN : { name: 'admin', page };
  }
  const moderation = /^\/moderation(?:\/([a-z]+)(?:\/([0-9a-f-]{36}))?)?\/?$/.exec(path);
  if (moderation !== null) {
    const page = moderation[1] === undefined ? 'figures' : MODERATION_PAGES.find((page) => page === moderation[1]);
    return page === undefined ? UNKNOWN : { name: 'moderation', page, id: moderation[2] ?? null };
  }
  const [, roomId, threadId = null] = /^\/r\/([0-9a-f-]{36})(?:\/t\/([0-9a-f-]{36}))?\/?$/.exec(path) ?? [];
  if (roomId === undefined) return path === '/' || path === '' ? { name: 'home' } : UNKNOWN;
  const n = /^[1-9]\d{0,15}$/.exec(new URLSearchParams(query).get('n') ?? '')?.[0];
  return { name: 'room', roomId, threadId, n: n === undefined ? null : Number(n) };
}

const UNKNOWN: Route = { name: 'unknown' };

/** Whether it is a page around coming in, which has nothing to do with conversations. */
export function isEntryPage(route: Route): route is Extract<Route, { name: EntryPageName }> {
  return ENTRY_PAGES.some((name) => name === route.name);
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
const here = () => location.pathname + location.search;

/** Goes to a path of this app. `replace` leaves no entry to go back to. */
export function navigate(path: string, options?: { replace: boolean }): void {
  if (path === here()) return;
  if (options?.replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  changed();
}

export function useRoute(): Route {
  return parsePath(usePath());
}

/** Path and query. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, here);
}
