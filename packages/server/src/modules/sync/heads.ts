import { LIMITS } from '@confab/protocol';
import { BatchLoader } from '../../platform/batch-loader.ts';
import type { Queryable } from '../../platform/db/index.ts';

/** How far a room has come, for one member: all that `sync` compares. */
export interface Head {
  room_id: string;
  rev: number;
  mine: number;
}

const HEADS = {
  name: 'sync.heads',
  // As many as one `sync` may name. First the rooms that count towards those one may be in, which all fit; then direct rooms
  // that others opened, of which there may be any number, those one has read in first; then threads; of each the liveliest.
  text: `SELECT p.user_id, h.*
         FROM unnest($1::uuid[]) AS p (user_id)
         CROSS JOIN LATERAL (
           SELECT r.room_id, r.rev, m.mine FROM chat.members m JOIN chat.rooms r USING (room_id)
           WHERE m.user_id = p.user_id AND m.left_at IS NULL AND r.deleted_at IS NULL
           ORDER BY CASE WHEN r.kind = 'thread' THEN 3
                         WHEN r.kind <> 'direct' OR r.created_by = m.user_id THEN 0
                         WHEN m.last_read_n > 0 THEN 1 ELSE 2 END,
                    r.active_at DESC, r.room_id DESC LIMIT ${LIMITS.syncRooms}) h`,
};
/** People asked about in one query. */
const BATCH = 200;

/** The heads of the rooms and threads of each of `userIds`, `LIMITS.syncRooms` at most. */
export async function roomHeads(db: Queryable, userIds: readonly string[]): Promise<Map<string, Head[]>> {
  const { rows } = await db.query<Head & { user_id: string }>(HEADS, [userIds]);
  const byUser = Map.groupBy(rows, (row) => row.user_id);
  return new Map(userIds.map((id) => [id, byUser.get(id) ?? []]));
}

/**
 * Heads for many who ask at the same time: when everyone reconnects at once, that is one query for hundreds of them. What is
 * answered was read after it was asked for.
 */
export function headsLoader(db: Queryable): BatchLoader<Head[]> {
  return new BatchLoader((userIds) => roomHeads(db, userIds), BATCH);
}
