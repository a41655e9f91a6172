import type { EventHandlers } from '../../platform/realtime/index.ts';
import type { PresenceService } from './service.ts';
import type { TypingService } from './typing.ts';

export function presenceEvents(
  presence: PresenceService,
  typing: TypingService,
): EventHandlers<'presence:set' | 'presence:watch' | 'typing'> {
  return {
    'presence:set': ({ connection, input }) => presence.set(connection, input),
    async 'presence:watch'({ connection, input }) {
      return { users: await presence.watch(connection, input.userIds) };
    },
    async typing({ actor, input }) {
      await typing.typing(actor, input.roomId);
      return {};
    },
  };
}
