import type { Presence } from '@confab/sdk';
import { useEffect } from 'react';
import { client, useClient } from '../lib/client.ts';

/** How a person appears, kept live while mounted; undefined until it is known. */
export function usePresence(userId: string | null): Presence | undefined {
  useEffect(() => (userId === null ? undefined : client.presence.watch([userId])), [userId]);
  return useClient((known) => (userId === null || known.me === null ? undefined : known.presence.get(userId)));
}

export const statusNames: Record<Presence['status'], string> = {
  online: 'Online',
  away: 'Away',
  dnd: 'Do not disturb',
  offline: 'Offline',
};
