/** Closes what waits although there is nothing left to decide: otherwise it would be for the officers of the instance. */
import type { Bus } from '../../platform/bus/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Task } from '../../platform/upkeep/index.ts';
import { lockMoot } from './appeal-rows.ts';
import { saveSanction } from './sanction-rows.ts';
import type { Recording, Told } from './sanction-steps.ts';

const BATCH = 100;

export interface MootDeps extends Recording {
  db: Database;
  bus: Bus;
  clock: Clock;
}

/** Appeals about what has no effect any more, as the room is gone: each is closed and recorded once, and its author told. */
export function mootAppealsTask({ db, bus, clock, trail, notices }: MootDeps): Task {
  const closeSome = () =>
    db.transaction(async (tx) => {
      const told: Told[] = [];
      for (const row of await lockMoot(tx, clock.now(), BATCH)) {
        await saveSanction(tx, { ...row, appeal_state: 'moot' });
        const { sanction_id: sanctionId, user_id: targetId, room_id: roomId, type } = row;
        const notice = { type: 'appeal_decided' as const, roomId, roomName: null, sanctionId, reason: '' };
        told.push(await notices.add(tx, targetId, notice));
        const details = { sanctionId, type };
        await trail.record(tx, { action: 'appeal.moot', actorId: null, roomId, targetId, details });
      }
      return told;
    });
  return {
    name: 'moderation.moot_appeals',
    everyMs: 60_000,
    async run() {
      let told: Told[];
      do {
        told = await closeSome();
        for (const { channel, frame } of told) bus.publish(channel, frame);
      } while (told.length === BATCH);
    },
  };
}
