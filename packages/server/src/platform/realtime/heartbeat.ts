import { ProtocolError } from '@confab/protocol';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { EventHandlers } from './index.ts';

/** Keeps a connection's authorization fresh. A token of another session cannot take a connection over. */
export function heartbeatEvents(deps: {
  clock: Clock;
  authenticate(token: string): Promise<{ actor: Actor; expiresAt: number }>;
}): EventHandlers<'heartbeat'> {
  return {
    async heartbeat({ actor, connection, input }) {
      if (input.token !== undefined) {
        const fresh = await deps.authenticate(input.token);
        if (fresh.actor.sessionId !== actor.sessionId) throw new ProtocolError('unauthenticated');
        connection.extend(fresh.expiresAt);
      }
      return { serverTime: deps.clock.now(), expiresAt: connection.expiresAt };
    },
  };
}
