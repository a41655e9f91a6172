/** Rows of `chat.scheduled`. */
import type { ScheduledMessage } from '@confab/protocol';
import type { RoomTx } from '../rooms/index.ts';

export interface ScheduledRow {
  room_id: string;
  scheduled_id: string;
  user_id: string;
  client_id: string;
  body: string;
  reply_to: string | null;
  send_at: number;
  failed: string | null;
}

export function presentScheduled(row: ScheduledRow): ScheduledMessage {
  return {
    id: row.scheduled_id,
    roomId: row.room_id,
    clientId: row.client_id,
    body: row.body,
    replyTo: row.reply_to,
    sendAt: row.send_at,
    failed: row.failed,
  };
}

interface OfSchedule {
  roomId: string;
  scheduledId?: string | undefined;
}

/** Ids of those that are still to be sent. Their rooms must be locked. */
export async function waitingScheduled(tx: RoomTx, sends: readonly OfSchedule[]): Promise<ReadonlySet<string>> {
  const due = sends.filter((send) => send.scheduledId !== undefined);
  if (due.length === 0) return new Set();
  const { rows } = await tx.db.query<{ scheduled_id: string }>(
    `SELECT scheduled_id FROM chat.scheduled JOIN unnest($1::uuid[], $2::uuid[]) AS s (room_id, scheduled_id)
     USING (room_id, scheduled_id) WHERE failed IS NULL`,
    [due.map((send) => send.roomId), due.map((send) => send.scheduledId)],
  );
  return new Set(rows.map((row) => row.scheduled_id));
}

/** Ends those that were sent. */
export async function dropScheduled(tx: RoomTx, sends: readonly OfSchedule[]): Promise<void> {
  const sent = sends.filter((send) => send.scheduledId !== undefined);
  if (sent.length === 0) return;
  await tx.db.query(
    `DELETE FROM chat.scheduled WHERE (room_id, scheduled_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))`,
    [sent.map((send) => send.roomId), sent.map((send) => send.scheduledId)],
  );
}
