import { useNow } from '../lib/now.ts';
import { ago } from '../lib/time.ts';
import { statusNames, usePresence } from './usePresence.ts';

/** How a person appears, in words: their own status, or whether they are here and when they last were. */
export function PresenceText({ userId, fallback }: { userId: string; fallback: string }) {
  const now = useNow();
  const presence = usePresence(userId);
  if (!presence) return fallback;
  const { status, text, emoji, lastSeen } = presence;
  const own = [emoji, text].filter(Boolean).join(' ');
  const here = status === 'offline' && lastSeen !== null ? `Last seen ${ago(lastSeen, now)}` : statusNames[status];
  if (own !== '') return status === 'offline' ? own : `${own} · ${here}`;
  return status === 'offline' && lastSeen === null ? fallback : here;
}
