/** Public rooms, for whoever looks for one. */
import { badInput, type Room } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Queryable } from '../../platform/db/index.ts';
import { presentRoom, type RoomRow } from './rows.ts';

// The order is that of the index rooms_public. Names are compared without regard to case.
const PUBLIC = {
  name: 'rooms.public',
  text: `SELECT r.*, EXISTS (SELECT FROM chat.members m
                             WHERE m.room_id = r.room_id AND m.user_id = $1 AND m.left_at IS NULL) AS joined
         FROM chat.rooms r
         WHERE r.kind = 'public' AND r.deleted_at IS NULL AND r.archived_at IS NULL
           AND ($2::text IS NULL OR strpos(lower(r.name), lower($2)) > 0)
           AND ($3::int IS NULL OR r.member_count < $3 OR (r.member_count = $3 AND r.room_id > $4::uuid))
         ORDER BY r.member_count DESC, r.room_id LIMIT $5`,
};

/**
 * A page of public rooms, the ones with most members first, those alike by id. `q` is a part of their names. Archived
 * ones are left out. A room is missed or met twice only where its number of members changed between two pages.
 * @throws ProtocolError bad_input (cursor)
 */
export async function publicRooms(
  db: Queryable,
  actor: Actor,
  request: { q?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<{ rooms: { room: Room; joined: boolean }[]; nextCursor: string | null }> {
  const { q = null, limit } = request;
  const [memberCount, roomId] = request.cursor === undefined ? [null, null] : parseCursor(request.cursor);
  const { rows } = await db.query<RoomRow & { joined: boolean }>(PUBLIC, [
    actor.userId,
    q,
    memberCount,
    roomId,
    limit + 1,
  ]);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    rooms: page.map((row) => ({ room: presentRoom(row), joined: row.joined })),
    nextCursor: last === undefined ? null : `${last.member_count}.${last.room_id}`,
  };
}

function parseCursor(cursor: string): [number, string] {
  const match = /^(\d{1,9})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor);
  const [, memberCount, roomId] = match ?? [];
  if (memberCount === undefined || roomId === undefined) throw badInput('cursor', 'is not a cursor of this list');
  return [Number(memberCount), roomId];
}
