import type { RestHandlers } from '../../platform/http/index.ts';
import type { EventHandlers } from '../../platform/realtime/index.ts';
import type { SyncService } from './service.ts';

export function syncRoutes(sync: SyncService): RestHandlers<'rooms' | 'threads' | 'room' | 'members' | 'changes'> {
  return {
    rooms: ({ actor, query }) => sync.list(actor, 'rooms', query),
    threads: ({ actor, query }) => sync.list(actor, 'threads', query),
    room: ({ actor, params }) => sync.snapshot(actor, params.roomId),
    members: ({ actor, params, query }) => sync.members(actor, params.roomId, query),
    changes: ({ actor, params, query }) => sync.changes(actor, params.roomId, query.since),
  };
}

/** Each follows first and reads afterwards: what happens in between arrives twice, never not at all. */
export function syncEvents(sync: SyncService): EventHandlers<'room:join' | 'room:leave' | 'sync'> {
  return {
    async 'room:join'({ actor, connection, input }) {
      await sync.mayRead(actor, input.roomId);
      await connection.follow(input.roomId);
      try {
        return await sync.snapshot(actor, input.roomId);
      } catch (error) {
        connection.unfollow(input.roomId);
        throw error;
      }
    },
    async 'room:leave'({ connection, input }) {
      connection.leave(input.roomId);
      return {};
    },
    async sync({ actor, connection, input }) {
      const mine = await sync.roomIds(actor.userId);
      await Promise.all(mine.map((roomId) => connection.follow(roomId)));
      const { answer, roomIds } = await sync.sync(actor, input.rooms);
      // A removal between the two reads may have been published before the room was followed.
      const kept = new Set(roomIds);
      for (const roomId of mine) if (!kept.has(roomId)) connection.unfollow(roomId);
      return answer;
    },
  };
}
