/** Bans and silences of rooms that are over by time: neither holds any more, and both are put away. */
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Task } from '../../platform/upkeep/index.ts';
import { type ChangeInput, type Committer, oneByOne } from './committer.ts';
import { silence } from './sanctions.ts';

const BATCH = 500;

const BANS = `DELETE FROM chat.bans WHERE until <= $1 AND (room_id, user_id) IN (
                SELECT room_id, user_id FROM chat.bans WHERE until <= $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
              RETURNING 1`;
const SILENCED = `SELECT room_id AS "roomId", user_id AS "userId" FROM chat.members WHERE silenced_until <= $1 LIMIT ${BATCH}`;

export function roomTasks({
  db,
  clock,
  committer,
}: {
  db: Database;
  clock: Clock;
  committer: Committer;
}): readonly Task[] {
  async function removeBans(): Promise<void> {
    while ((await db.query(BANS, [new Date(clock.now())])).rows.length === BATCH);
  }

  async function endSilences(): Promise<void> {
    for (;;) {
      const { rows } = await db.query<{ roomId: string; userId: string }>(SILENCED, [new Date(clock.now())]);
      await Promise.all(rows.map((row) => committer.run(endSilence, { ...row, parentId: null, actorId: null })));
      if (rows.length < BATCH) return;
    }
  }

  return [
    { name: 'rooms.bans', everyMs: 600_000, run: removeBans },
    { name: 'rooms.silences', everyMs: 60_000, run: endSilences },
  ];
}

/** Somebody may write again: their devices are told while they are there. Idempotent; a silence that was renewed stays. */
const endSilence = oneByOne('endSilence', async (input: ChangeInput & { userId: string }, tx): Promise<void> => {
  const [member] = await tx.members([input]);
  if (member === undefined || (member.silenced_until ?? tx.now + 1) > tx.now) return;
  const room = tx.room(input.roomId);
  if (room !== undefined) return silence(tx, room, member, null);
  // Of a room that is gone nobody is told.
  await tx.db.query('UPDATE chat.members SET silenced_until = NULL WHERE room_id = $1 AND user_id = $2', [
    input.roomId,
    input.userId,
  ]);
});
