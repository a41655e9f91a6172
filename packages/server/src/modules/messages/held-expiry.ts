/** Held messages that nobody decided on for long are rejected; what was rejected is put away after a while. */
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Task } from '../../platform/upkeep/index.ts';
import { type ChangeInput, type Committer, type ModeratorNews, oneByOne } from '../rooms/index.ts';
import { type HeldDeps, rejectHeld } from './held.ts';
import { changeList, deleteHeld, findHeld, type HeldRow } from './held-rows.ts';

const DAY_MS = 86_400_000;
const PENDING_MS = 30 * DAY_MS;
const REJECTED_MS = 7 * DAY_MS;
const BATCH = 100;
/** For the author to read. */
const REASON = 'Nobody decided on it within 30 days.';

const OVER = `SELECT h.room_id AS "roomId", r.parent_room_id AS "parentId", h.message_id AS "messageId", h.status
              FROM chat.held h JOIN chat.rooms r USING (room_id)
              WHERE (h.status = 'pending' AND h.created_at <= $1) OR (h.status = 'rejected' AND h.decided_at <= $2)
              LIMIT ${BATCH}`;

interface Expiry extends ChangeInput, Pick<HeldRow, 'status'> {
  messageId: string;
}

export function heldTask(
  deps: HeldDeps & { db: Database; clock: Clock; committer: Committer; news: ModeratorNews },
): Task {
  const { db, clock, committer, news, trail } = deps;

  /** What became something else meanwhile stays as it is. */
  const expire = oneByOne('expireHeld', async (input: Expiry, tx): Promise<void> => {
    const row = await findHeld(tx.db, input.roomId, input.messageId);
    if (row?.status !== input.status) return;
    const room = tx.room(input.roomId);
    // Of a room that is gone nobody is told.
    if (room === undefined) {
      await tx.db.query('DELETE FROM chat.held WHERE room_id = $1 AND message_id = $2', [row.room_id, row.message_id]);
    } else if (row.status === 'rejected') {
      await deleteHeld(tx, room, row.message_id);
      await changeList(tx, room, row.sender_id, (held) => held.filter(({ id }) => id !== row.message_id));
    } else {
      await rejectHeld(tx, room, row, { by: null, reason: REASON }, deps);
      await trail.record(tx.db, {
        action: 'message.rejected',
        actorId: null,
        roomId: input.parentId ?? input.roomId,
        targetId: row.sender_id,
        messageId: row.message_id,
        reason: REASON,
      });
    }
  });

  return {
    name: 'messages.held',
    everyMs: 3_600_000,
    async run() {
      for (;;) {
        const now = clock.now();
        const { rows } = await db.query<Omit<Expiry, 'actorId'>>(OVER, [
          new Date(now - PENDING_MS),
          new Date(now - REJECTED_MS),
        ]);
        await Promise.all(rows.map((row) => committer.run(expire, { ...row, actorId: null })));
        const undecided = rows.filter(({ status }) => status === 'pending');
        for (const roomId of new Set(undecided.map((row) => row.parentId ?? row.roomId))) news.tell('held', roomId);
        if (rows.length < BATCH) return;
      }
    },
  };
}
