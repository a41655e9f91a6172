import { trackIdle } from '@confab/sdk';
import { useEffect } from 'react';
import { client } from '../lib/client.ts';

/** Tells the others when nobody has touched this device for a while. */
export function useIdle(): void {
  useEffect(() => trackIdle((idle) => client.me && client.presence.setIdle(idle)), []);
}
