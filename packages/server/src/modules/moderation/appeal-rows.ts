/** SQL of appeals, which are columns of `safety.sanctions`. */
import { badInput, LIMITS } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { SanctionRow } from './sanction-rows.ts';

/**
 * Whether a sanction has no effect any more: of what is done in a room that is gone, mutes and bans alone have one, until they
 * are over. Rooms of strangers are gone soon whatever happens in them.
 */
const MOOT = (s: string, now: string) => `((${s}.type IN ('warn', 'kick') OR (${s}.until <= ${now}) IS TRUE)
  AND EXISTS (SELECT FROM chat.rooms g WHERE g.room_id = ${s}.room_id AND g.deleted_at IS NOT NULL AND g.kind <> 'match'))`;
const LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('safety.appeals ' || $1, 0))";
// The instance keeps its own from growing many, and a room cannot keep anybody from appealing to it.
const APPEAL = `UPDATE safety.sanctions s SET appeal = $3, appealed_at = $4, appeal_state = 'open'
                WHERE user_id = $2 AND sanction_id = $1 AND appeal_state IS NULL AND lifted_at IS NULL
                  AND NOT ${MOOT('s', '$4')} AND (room_id IS NULL OR ${LIMITS.openAppeals} > (
                    SELECT count(*) FROM safety.sanctions o
                    WHERE o.user_id = $2 AND o.room_id IS NOT NULL AND o.appeal_state = 'open'))
                RETURNING *`;
const IS_MOOT = `SELECT ${MOOT('s', '$2')} AS yes FROM safety.sanctions s WHERE sanction_id = $1`;
const LOCK_MOOT = `SELECT * FROM safety.sanctions s WHERE appeal_state = 'open' AND ${MOOT('s', '$1')}
  ORDER BY appealed_at LIMIT $2 FOR UPDATE SKIP LOCKED`;
// Rooms of strangers and those that are gone have nobody who moderates there; so has the instance itself, which is no room.
const UNMODERATED = (roomId: string) =>
  `NOT EXISTS (SELECT FROM chat.rooms u WHERE u.room_id = ${roomId} AND u.deleted_at IS NULL AND u.kind <> 'match')`;
// What one moderates: rooms where one has such a role, and with an office those that are open to everyone, the instance, and
// what nobody else does.
const OPEN = `SELECT * FROM safety.sanctions s
  WHERE appeal_state = 'open' AND user_id <> $1 AND NOT ${MOOT('s', '$6')}
    AND (($2 AND ${UNMODERATED('s.room_id')}) OR EXISTS (
      SELECT FROM chat.rooms r
      LEFT JOIN chat.members m ON m.room_id = r.room_id AND m.user_id = $1 AND m.left_at IS NULL
      WHERE r.room_id = s.room_id AND r.deleted_at IS NULL
        AND (($2 AND r.kind IN ('public', 'language')) OR m.role IN ('owner', 'admin', 'moderator'))))
    AND ($3::timestamptz IS NULL OR (appealed_at, sanction_id) > ($3, $4::uuid))
  ORDER BY appealed_at, sanction_id LIMIT $5`;

/**
 * The sanction with its appeal; undefined when it is not this person’s, has been lifted or replaced or has no effect any more,
 * there was an appeal before (of calls at the same time one succeeds), or too many of theirs wait. To be called in a
 * transaction.
 */
export async function appealAgainst(
  db: Queryable,
  appeal: { sanctionId: string; userId: string; text: string; at: number },
): Promise<SanctionRow | undefined> {
  const { sanctionId, userId, text, at } = appeal;
  // Of appeals at the same time as well, no more than the limit are open.
  await db.query(LOCK, [userId]);
  const { rows } = await db.query<SanctionRow>(APPEAL, [sanctionId, userId, text, new Date(at)]);
  return rows[0];
}

/** Whether there is nothing to appeal against any more, as the room is gone. @param now epoch ms */
export async function isMoot(db: Queryable, sanctionId: string, now: number): Promise<boolean> {
  const { rows } = await db.query<{ yes: boolean }>(IS_MOOT, [sanctionId, new Date(now)]);
  return rows[0]?.yes ?? false;
}

/** Some of those that wait although there is nothing left to decide: nobody else changes them until the transaction ends. */
export async function lockMoot(db: Queryable, now: number, limit: number): Promise<SanctionRow[]> {
  return (await db.query<SanctionRow>(LOCK_MOOT, [new Date(now), limit])).rows;
}

/** Whether it is for officers of the instance to decide what was done there, as nobody moderates it: null is the instance. */
export async function isUnmoderated(db: Queryable, roomId: string | null): Promise<boolean> {
  const { rows } = await db.query<{ yes: boolean }>(`SELECT ${UNMODERATED('$1::uuid')} AS yes`, [roomId]);
  return rows[0]?.yes ?? true;
}

/** Those where `asker` moderates, and that are not moot at `now`; the oldest first, a page at a time. @throws ProtocolError bad_input (cursor) */
export async function openAppeals(
  db: Queryable,
  asker: { userId: string; hasOffice: boolean; now: number },
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ rows: SanctionRow[]; nextCursor: string | null }> {
  const [at, id] = cursor === undefined ? [null, null] : parseCursor(cursor);
  const { rows } = await db.query<SanctionRow>(OPEN, [
    asker.userId,
    asker.hasOffice,
    at === null ? null : new Date(at),
    id,
    limit + 1,
    new Date(asker.now),
  ]);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { rows: page, nextCursor: last === undefined ? null : cursorOf(last) };
}

/** Where a page that follows this one goes on. */
export function cursorOf({ appealed_at, sanction_id }: SanctionRow): string {
  return `${appealed_at}.${sanction_id}`;
}

function parseCursor(cursor: string): [number, string] {
  const match = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor);
  const [, at, id] = match ?? [];
  if (at === undefined || id === undefined) throw badInput('cursor', 'is not a cursor of this list');
  return [Number(at), id];
}
