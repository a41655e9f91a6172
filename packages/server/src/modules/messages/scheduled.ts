/** Messages that are sent later: kept in `chat.scheduled` until a job sends them, like any other, in their author's name. */
import { LIMITS, ProtocolError, type ScheduledMessage } from '@confab/protocol';
import { z } from 'zod';
import type { Ids } from '../../platform/ids.ts';
import type { JobKind, Jobs } from '../../platform/jobs/index.ts';
import { type By, type ChangeInput, type ChangeKind, demand, oneByOne, type RoomTx } from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { presentScheduled, type ScheduledRow } from './scheduled-rows.ts';
import { findMessage } from './store.ts';
import { refuseTime } from './times.ts';

export interface NewScheduled {
  clientId: string;
  body: string;
  replyTo: string | null;
  /** Epoch ms; what is past is sent at once. */
  sendAt: number;
}

export const sendScheduledJob: JobKind<{ roomId: string; scheduledId: string }> = {
  name: 'messages.sendScheduled',
  payload: z.object({ roomId: z.string(), scheduledId: z.string() }),
};

/**
 * Keeps a message and the job that will send it. A retry with the same clientId answers what was kept first. The limit
 * is checked without a lock on the person: parallel calls in several rooms may pass it by a few.
 */
export function scheduleKind(deps: {
  ids: Ids;
  blocks: Blocks;
  jobs: Jobs;
}): ChangeKind<ChangeInput & NewScheduled & By, ScheduledMessage> {
  return oneByOne('schedule', async (input, tx) => {
    const { seat } = await tx.enter(input);
    demand('send', seat);
    const { actorId, roomId, sendAt } = input;
    const before = await findByClientId(tx, input);
    if (before !== undefined) {
      const same = before.body === input.body && before.reply_to === input.replyTo && before.send_at === sendAt;
      if (!same) throw new ProtocolError('client_id_reused');
      return presentScheduled(before);
    }
    const wrongTime = refuseTime('sendAt', sendAt, tx.now);
    if (wrongTime !== null) throw wrongTime;
    if (seat.rights === 'direct') await demandPeer(tx, input, deps.blocks);
    if (input.replyTo !== null && (await findMessage(tx.db, roomId, input.replyTo)).deleted_at !== null) {
      throw new ProtocolError('not_found', { fields: [{ field: 'replyTo', problem: 'is no message of this room' }] });
    }
    const { rows } = await tx.db.query<{ count: number }>(
      'SELECT count(*) AS count FROM chat.scheduled WHERE user_id = $1',
      [actorId],
    );
    if ((rows[0]?.count ?? 0) >= LIMITS.scheduled) throw new ProtocolError('limit_reached');
    const row: ScheduledRow = {
      room_id: roomId,
      scheduled_id: deps.ids.uuid(),
      user_id: actorId,
      client_id: input.clientId,
      body: input.body,
      reply_to: input.replyTo,
      send_at: sendAt,
      failed: null,
    };
    await tx.db.query(
      `INSERT INTO chat.scheduled (room_id, scheduled_id, user_id, client_id, body, reply_to, send_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [row.room_id, row.scheduled_id, row.user_id, row.client_id, row.body, row.reply_to, new Date(sendAt)],
    );
    await deps.jobs.enqueue(tx.db, sendScheduledJob, { roomId, scheduledId: row.scheduled_id }, { runAt: sendAt });
    return presentScheduled(row);
  });
}

/** Takes back one's own, in whatever state the room is. Once this is done it is not sent. */
export const unscheduleKind: ChangeKind<ChangeInput<string> & { scheduledId: string }, void> = oneByOne(
  'unschedule',
  async (input, tx) => {
    const { rows } = await tx.db.query(
      'DELETE FROM chat.scheduled WHERE room_id = $1 AND scheduled_id = $2 AND user_id = $3 RETURNING 1',
      [input.roomId, input.scheduledId, input.actorId],
    );
    if (rows.length === 0) throw new ProtocolError('not_found');
  },
);

/** Notes why one could not be sent. */
export const failScheduledKind: ChangeKind<ChangeInput & { scheduledId: string; code: string }, void> = oneByOne(
  'failScheduled',
  async (input, tx) => {
    await tx.db.query('UPDATE chat.scheduled SET failed = $3 WHERE room_id = $1 AND scheduled_id = $2', [
      input.roomId,
      input.scheduledId,
      input.code,
    ]);
  },
);

async function findByClientId(
  tx: RoomTx,
  input: { roomId: string; actorId: string; clientId: string },
): Promise<ScheduledRow | undefined> {
  const { rows } = await tx.db.query<ScheduledRow>(
    'SELECT * FROM chat.scheduled WHERE room_id = $1 AND user_id = $2 AND client_id = $3',
    [input.roomId, input.actorId, input.clientId],
  );
  return rows[0];
}

// In a direct room, and in a thread of one, nobody writes to whom they block or are blocked by.
async function demandPeer(
  tx: RoomTx,
  input: { roomId: string; parentId: string | null; actorId: string },
  blocks: Blocks,
): Promise<void> {
  const { rows } = await tx.db.query<{ user_id: string }>(
    'SELECT user_id FROM chat.members WHERE room_id = $1 AND user_id <> $2',
    [input.parentId ?? input.roomId, input.actorId],
  );
  const peer = rows[0]?.user_id;
  if (peer !== undefined && (await blocks.between(input.actorId, peer))) throw new ProtocolError('blocked');
}
