/** Raids: many join a room within a minute. */
import { emitRoom, countJoins, type Joined, type ModeratorNews } from '../rooms/index.ts';
import type { AutomodService, ModerationLog } from '../safety/index.ts';

/**
 * While a raid lasts, what newcomers write waits for approval. It begins with the join that makes them too many, under the
 * room's lock, and ends by time; while it lasts nothing is counted, so that it is told once.
 */
export function raidWatch({
  automod,
  trail,
  news,
}: {
  automod: Pick<AutomodService, 'raidRules'>;
  trail: ModerationLog;
  news: Pick<ModeratorNews, 'tell'>;
}): Joined {
  return async (tx, room) => {
    if ((room.raid_until ?? 0) > tx.now) return;
    for (const { id: ruleId, trigger, reason } of await automod.raidRules(tx.db, room)) {
      const joins = await countJoins(tx.db, room.room_id, tx.now - trigger.seconds * 1000);
      if (joins < trigger.joins) continue;
      room.raid_until = tx.now + trigger.lasts * 1000;
      await tx.saveModeration(room);
      emitRoom(tx, room);
      const details = { ruleId, joins, until: room.raid_until };
      await trail.record(tx.db, { action: 'raid.began', actorId: null, roomId: room.room_id, reason, details });
      tx.after(() => news.tell('raid', room.room_id));
      return;
    }
  };
}
