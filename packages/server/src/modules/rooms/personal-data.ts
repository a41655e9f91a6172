/** What this module keeps about a person. */
import type { Database } from '../../platform/db/index.ts';
import { type PersonalData, rowsOf } from '../../platform/personal-data.ts';

/** @param leave takes a person out of a room */
export function roomsPersonalData(
  db: Database,
  leave: (userId: string, roomId: string) => Promise<void>,
): PersonalData {
  return {
    files: (userId) => [
      { name: 'rooms/memberships.jsonl', rows: () => rowsOf(() => memberships(db, userId)) },
      { name: 'rooms/invitations.jsonl', rows: () => rowsOf(() => invitations(db, userId)) },
      { name: 'rooms/preferences.json', rows: () => rowsOf(() => preferences(db, userId)) },
    ],

    // Direct rooms stay: they are the other one's as well.
    async erase(userId) {
      const { rows } = await db.query<{ id: string }>(
        `SELECT room_id AS id FROM chat.members JOIN chat.rooms USING (room_id)
         WHERE user_id = $1 AND left_at IS NULL AND deleted_at IS NULL AND kind IN ('group', 'public', 'language')
         ORDER BY room_id`,
        [userId],
      );
      for (const { id } of rows) await leave(userId, id);
      // What nobody else ever saw of their memberships.
      await db.query(
        `UPDATE chat.members
         SET starred = DEFAULT, favourite = DEFAULT, marked_unread = DEFAULT, muted_until = DEFAULT, notify = DEFAULT,
           held = DEFAULT
         WHERE user_id = $1
           AND (starred <> '{}' OR favourite OR marked_unread OR muted_until IS NOT NULL OR notify <> 'all'
             OR held <> '[]')`,
        [userId],
      );
      await db.query('DELETE FROM chat.preferences WHERE user_id = $1', [userId]);
    },
  };
}

async function memberships(db: Database, userId: string): Promise<object[]> {
  const fields = `m.room_id AS "roomId", r.kind, r.name, r.topic, r.parent_room_id AS "parentRoomId", m.role,
    m.joined_at AS "joinedAt", m.left_at AS "leftAt", r.created_by = m.user_id AS "createdByMe",
    m.last_read_n AS "lastReadN", m.notify, m.muted_until AS "mutedUntil", m.favourite,
    m.marked_unread AS "markedUnread", m.starred, m.votes`;
  // Each half by an index of its own. Of rooms one has left, the name at that time is not known: it is not told.
  const { rows } = await db.query<{ leftAt: number | null; name: string | null; topic: string | null }>(
    `SELECT ${fields} FROM chat.members m JOIN chat.rooms r USING (room_id) WHERE m.user_id = $1 AND m.left_at IS NULL
     UNION ALL
     SELECT ${fields} FROM chat.members m JOIN chat.rooms r USING (room_id)
     WHERE m.user_id = $1 AND m.left_at IS NOT NULL`,
    [userId],
  );
  return rows.map((row) => (row.leftAt === null ? row : { ...row, name: null, topic: null }));
}

async function invitations(db: Database, userId: string): Promise<object[]> {
  const { rows } = await db.query<object>(
    `SELECT i.room_id AS "roomId", i.created_at AS "createdAt", i.expires_at AS "expiresAt", i.max_uses AS "maxUses", i.uses
     FROM chat.members m JOIN chat.invites i USING (room_id)
     WHERE m.user_id = $1 AND m.left_at IS NULL AND i.created_by = $1 ORDER BY i.created_at, i.invite_id`,
    [userId],
  );
  return rows;
}

async function preferences(db: Database, userId: string): Promise<object[]> {
  const { rows } = await db.query<object>(
    `SELECT share_reads AS "shareReads", share_last_seen AS "shareLastSeen" FROM chat.preferences WHERE user_id = $1`,
    [userId],
  );
  return rows;
}
