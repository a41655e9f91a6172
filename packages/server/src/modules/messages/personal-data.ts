/** What this module keeps about a person. */
import type { Database } from '../../platform/db/index.ts';
import { paged, type PersonalData, rowsOf } from '../../platform/personal-data.ts';
import { type HeldRow, presentHeld } from './held-rows.ts';
import { type MessageRow, presentStored } from './rows.ts';
import { presentScheduled, type ScheduledRow } from './scheduled-rows.ts';
import { earlierBodies } from './store.ts';

/** Numbers of messages that one query looks through. */
const SPAN = 20_000;

export function messagesPersonalData({ db }: { db: Database }): PersonalData {
  return {
    files: (userId) => [
      { name: 'messages/messages.jsonl', rows: () => messages(db, userId) },
      {
        name: 'messages/held.jsonl',
        rows: () => rowsOf(async () => (await held(db, userId)).map(presentHeld)),
      },
      { name: 'messages/reactions.jsonl', rows: () => reactions(db, userId) },
      {
        name: 'messages/scheduled.jsonl',
        rows: () => rowsOf(async () => (await scheduled(db, userId)).map(presentScheduled)),
      },
    ],

    async erase(userId) {
      await db.query('DELETE FROM chat.scheduled WHERE user_id = $1', [userId]);
      // Nobody but moderators ever saw it.
      await db.query('DELETE FROM chat.held WHERE sender_id = $1', [userId]);
    },
  };
}

interface Room {
  id: string;
  n: number;
}

/** Every room a person was ever in, threads too. */
async function roomsOf(db: Database, userId: string): Promise<Room[]> {
  const { rows } = await db.query<Room>(
    `SELECT r.room_id AS id, r.n FROM chat.members m JOIN chat.rooms r USING (room_id)
     WHERE m.user_id = $1 AND m.left_at IS NULL
     UNION ALL
     SELECT r.room_id, r.n FROM chat.members m JOIN chat.rooms r USING (room_id)
     WHERE m.user_id = $1 AND m.left_at IS NOT NULL`,
    [userId],
  );
  return rows;
}

/** What they wrote, with earlier words of what they edited. What they deleted is gone. */
async function* messages(db: Database, userId: string): AsyncGenerator<object, void, undefined> {
  for (const { id } of await roomsOf(db, userId)) {
    // In the order of the index over sender and client id: whatever others wrote in between is not read.
    const own = paged<MessageRow>(async (last, limit) => {
      const { rows } = await db.query<MessageRow>(
        `SELECT * FROM chat.messages
         WHERE room_id = $1 AND sender_id = $2 AND client_id > $3
         ORDER BY client_id LIMIT $4`,
        [id, userId, last?.client_id ?? '', limit],
      );
      return rows;
    });
    for await (const row of own) {
      if (row.deleted_at !== null || row.kind === 'system') continue;
      const { roomId, n, body, replyTo, createdAt, editedAt, id: messageId, poll, forwarded } = presentStored(row);
      yield {
        id: messageId,
        roomId,
        n,
        body,
        replyTo,
        createdAt,
        editedAt,
        poll,
        forwarded,
        // One message at a time: of a whole page it could be a hundred times as much.
        earlier: editedAt === null ? [] : await earlierBodies(db, row),
      };
    }
  }
}

async function* reactions(db: Database, userId: string): AsyncGenerator<object, void, undefined> {
  for (const { id, n } of await roomsOf(db, userId)) {
    // They are kept by message: looked through in spans, so that no query takes long, however long the room is.
    for (let from = 0; from < n; from += SPAN) {
      const { rows } = await db.query<object>(
        `SELECT room_id AS "roomId", n, emoji FROM chat.reactions
         WHERE room_id = $1 AND n > $2 AND n <= $3 AND user_id = $4 ORDER BY n, emoji`,
        [id, from, from + SPAN, userId],
      );
      yield* rows;
    }
  }
}

async function held(db: Database, userId: string): Promise<HeldRow[]> {
  const { rows } = await db.query<HeldRow>(
    'SELECT * FROM chat.held WHERE sender_id = $1 ORDER BY created_at, message_id',
    [userId],
  );
  return rows;
}

async function scheduled(db: Database, userId: string): Promise<ScheduledRow[]> {
  const { rows } = await db.query<ScheduledRow>(
    'SELECT * FROM chat.scheduled WHERE user_id = $1 ORDER BY send_at, scheduled_id',
    [userId],
  );
  return rows;
}
