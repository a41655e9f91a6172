/** SQL of lounges. */
import type { GuestAccess, Lounge } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { RoomRow } from '../rooms/index.ts';

/** A row of `chat.lounges`. */
export interface LoungeRow {
  lounge_id: string;
  name: string;
  topic: string;
  picture: string | null;
  rules: string;
  min_role: Lounge['minRole'];
  guests: GuestAccess;
  adults_only: boolean;
  position: number;
  created_at: number;
}

export function presentLounge(row: LoungeRow, rooms: Lounge['rooms']): Lounge {
  return {
    id: row.lounge_id,
    name: row.name,
    topic: row.topic,
    picture: row.picture,
    rules: row.rules,
    minRole: row.min_role,
    guests: row.guests,
    adultsOnly: row.adults_only,
    position: row.position,
    rooms,
  };
}

/** What is different, by field: from what to what. */
export function changesOf(before: LoungeRow, after: LoungeRow): Record<string, { from: unknown; to: unknown }> {
  const [from, to] = [presentLounge(before, NO_ROOMS), presentLounge(after, NO_ROOMS)];
  const fields = Object.keys(from) as (keyof Lounge)[];
  return Object.fromEntries(
    fields.filter((key) => from[key] !== to[key]).map((key) => [key, { from: from[key], to: to[key] }]),
  );
}
const NO_ROOMS: Lounge['rooms'] = [];

/** In their order. */
export async function allLounges(db: Queryable): Promise<LoungeRow[]> {
  const { rows } = await db.query<LoungeRow>({
    name: 'lounges.all',
    text: 'SELECT * FROM chat.lounges ORDER BY position, created_at, lounge_id',
  });
  return rows;
}

/** The rooms of all lounges, the oldest first. */
export async function allLanguageRooms(db: Queryable): Promise<RoomRow[]> {
  const { rows } = await db.query<RoomRow>({
    name: 'lounges.rooms',
    text: 'SELECT * FROM chat.rooms WHERE lounge_id IS NOT NULL AND deleted_at IS NULL ORDER BY created_at, room_id',
  });
  return rows;
}

/** @param lock keeps others from changing it until the transaction ends */
export async function loungeById(db: Queryable, loungeId: string, lock?: 'locked'): Promise<LoungeRow | undefined> {
  const { rows } = await db.query<LoungeRow>(
    `SELECT * FROM chat.lounges WHERE lounge_id = $1${lock === undefined ? '' : ' FOR UPDATE'}`,
    [loungeId],
  );
  return rows[0];
}

/** Inserts it, or makes the one that is there as it says. */
export async function saveLounge(db: Queryable, row: LoungeRow): Promise<void> {
  await db.query(
    `INSERT INTO chat.lounges
       (lounge_id, name, topic, picture, rules, min_role, guests, adults_only, position, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (lounge_id) DO UPDATE
     SET name = excluded.name, topic = excluded.topic, picture = excluded.picture, rules = excluded.rules,
         min_role = excluded.min_role, guests = excluded.guests, adults_only = excluded.adults_only,
         position = excluded.position`,
    [
      row.lounge_id,
      row.name,
      row.topic,
      row.picture,
      row.rules,
      row.min_role,
      row.guests,
      row.adults_only,
      row.position,
      new Date(row.created_at),
    ],
  );
}

/** Answers whether there was one. */
export async function dropLounge(db: Queryable, loungeId: string): Promise<LoungeRow | undefined> {
  const { rows } = await db.query<LoungeRow>('DELETE FROM chat.lounges WHERE lounge_id = $1 RETURNING *', [loungeId]);
  return rows[0];
}

export async function roomIdsOf(db: Queryable, loungeId: string): Promise<string[]> {
  const { rows } = await db.query<{ room_id: string }>(
    'SELECT room_id FROM chat.rooms WHERE lounge_id = $1 AND deleted_at IS NULL ORDER BY room_id',
    [loungeId],
  );
  return rows.map((row) => row.room_id);
}

/** A page of present members, by id. */
export async function memberIdsAfter(db: Queryable, roomId: string, after: string, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ user_id: string }>(
    `SELECT user_id FROM chat.members WHERE room_id = $1 AND user_id > $2 AND left_at IS NULL
     ORDER BY user_id LIMIT $3`,
    [roomId, after, limit],
  );
  return rows.map((row) => row.user_id);
}

/**
 * How many of `userIds` are members of each room of a lounge, without those who appear invisible; rooms without any are
 * absent.
 */
export async function headsAmong(db: Queryable, userIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await db.query<{ room_id: string; heads: number }>(
    {
      name: 'lounges.heads',
      text: `SELECT m.room_id, count(*) AS heads
             FROM chat.rooms r JOIN chat.members m USING (room_id) JOIN unnest($1::uuid[]) AS p (user_id) USING (user_id)
             WHERE r.lounge_id IS NOT NULL AND r.deleted_at IS NULL AND m.left_at IS NULL
               AND NOT EXISTS (SELECT FROM chat.statuses s WHERE s.user_id = m.user_id AND s.mode = 'invisible')
             GROUP BY m.room_id`,
    },
    [userIds],
  );
  return new Map(rows.map((row) => [row.room_id, row.heads]));
}
