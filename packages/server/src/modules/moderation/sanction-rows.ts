/** SQL of `safety.sanctions`. Instants are epoch ms. */
import type { Sanction, SanctionType } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';

export interface SanctionRow {
  sanction_id: string;
  type: SanctionType;
  user_id: string;
  room_id: string | null;
  reason: string;
  until: number | null;
  imposed_by: string | null;
  created_at: number;
  lifted_at: number | null;
  appeal: string | null;
  appealed_at: number | null;
  appeal_state: 'open' | 'granted' | 'refused' | 'moot' | null;
  appeal_note: string | null;
}

export type NewSanction = Pick<
  SanctionRow,
  'sanction_id' | 'type' | 'user_id' | 'room_id' | 'reason' | 'until' | 'imposed_by' | 'created_at'
>;

/** As moderators see it. */
export function presentSanction(row: SanctionRow): Sanction {
  return {
    id: row.sanction_id,
    type: row.type,
    userId: row.user_id,
    roomId: row.room_id,
    reason: row.reason,
    until: row.until,
    by: row.imposed_by,
    createdAt: row.created_at,
    liftedAt: row.lifted_at,
    appeal:
      row.appeal === null || row.appealed_at === null || row.appeal_state === null
        ? null
        : { text: row.appeal, at: row.appealed_at, state: row.appeal_state, note: row.appeal_note },
  };
}

/**
 * As the person concerned sees it, who is not told whose decision it was; and of what they were not told not why: that is told
 * to whoever tries to come in.
 */
export function presentMine(row: SanctionRow & { told?: boolean }): Sanction {
  return { ...presentSanction(row), by: null, ...(row.told === false && { reason: '' }) };
}

const IN_FORCE =
  'user_id = $1 AND room_id IS NOT DISTINCT FROM $2 AND type = $3 AND lifted_at IS NULL AND (until IS NULL OR until > $4)';

/** Whether it still has an effect at `now`. */
export function isInForce({ lifted_at, until }: SanctionRow, now: number): boolean {
  return lifted_at === null && (until === null || until > now);
}

type Place = Pick<SanctionRow, 'user_id' | 'room_id' | 'type'>;

type Appealed = Pick<SanctionRow, 'appeal' | 'appealed_at' | 'appeal_state'>;
// What is replaced has nothing left to be decided: the appeal that waits is about what takes its place.
const REPLACE = `WITH before AS (
    SELECT sanction_id AS id, appeal, appealed_at, appeal_state FROM safety.sanctions WHERE ${IN_FORCE} FOR UPDATE
  ), replaced AS (
    UPDATE safety.sanctions SET lifted_at = $4,
      appeal = CASE WHEN before.appeal_state = 'open' THEN NULL ELSE before.appeal END,
      appealed_at = CASE WHEN before.appeal_state = 'open' THEN NULL ELSE before.appealed_at END,
      appeal_state = CASE WHEN before.appeal_state = 'open' THEN NULL ELSE before.appeal_state END
    FROM before WHERE sanction_id = before.id
  )
  SELECT appeal, appealed_at, appeal_state FROM before WHERE appeal_state = 'open'`;

/**
 * Adds it, in place of one of its kind that is in force there: of each kind there is one at most. An appeal against that one
 * that is open passes over to it.
 */
export async function insertSanction(db: Queryable, row: NewSanction): Promise<SanctionRow> {
  const { sanction_id, type, user_id, room_id, reason, until, imposed_by, created_at } = row;
  const place = [user_id, room_id, type, new Date(created_at)];
  const isReplacing = type === 'mute' || type === 'ban';
  const [open] = isReplacing ? (await db.query<Appealed>(REPLACE, place)).rows : [];
  const { rows } = await db.query<SanctionRow>(
    `INSERT INTO safety.sanctions (sanction_id, type, user_id, room_id, reason, until, imposed_by, created_at, appeal,
                                   appealed_at, appeal_state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING *`,
    [
      sanction_id,
      type,
      user_id,
      room_id,
      reason,
      until === null ? null : new Date(until),
      imposed_by,
      new Date(created_at),
      open?.appeal ?? null,
      typeof open?.appealed_at === 'number' ? new Date(open.appealed_at) : null,
      open?.appeal_state ?? null,
    ],
  );
  const [inserted] = rows;
  if (inserted === undefined) throw new Error('a sanction that was just inserted is missing');
  return inserted;
}

/** Those in force there at `now`, the newest first: one at most of mutes and bans. */
export async function inForce(db: Queryable, place: Place, now: number): Promise<SanctionRow[]> {
  const { rows } = await db.query<SanctionRow>(
    `SELECT * FROM safety.sanctions WHERE ${IN_FORCE} ORDER BY created_at DESC`,
    [place.user_id, place.room_id, place.type, new Date(now)],
  );
  return rows;
}

export async function findSanction(db: Queryable, sanctionId: string): Promise<SanctionRow | undefined> {
  const { rows } = await db.query<SanctionRow>('SELECT * FROM safety.sanctions WHERE sanction_id = $1', [sanctionId]);
  return rows[0];
}

/** Nobody else changes it until the transaction ends. */
export async function lockSanction(db: Queryable, sanctionId: string): Promise<SanctionRow> {
  const { rows } = await db.query<SanctionRow>('SELECT * FROM safety.sanctions WHERE sanction_id = $1 FOR UPDATE', [
    sanctionId,
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error('a sanction is missing, and none is ever deleted');
  return row;
}

/** Writes what may change of one that is locked. */
export async function saveSanction(db: Queryable, row: SanctionRow): Promise<SanctionRow> {
  await db.query(
    'UPDATE safety.sanctions SET lifted_at = $2, appeal_state = $3, appeal_note = $4 WHERE sanction_id = $1',
    [row.sanction_id, row.lifted_at === null ? null : new Date(row.lifted_at), row.appeal_state, row.appeal_note],
  );
  return row;
}

/** Of what was done to somebody that much is shown. */
const SHOWN = 500;
const LATEST = `ORDER BY created_at DESC, sanction_id DESC`;
const IN_ROOMS = `SELECT * FROM safety.sanctions WHERE user_id = $1 AND room_id = ANY($2::uuid[]) ${LATEST} LIMIT ${SHOWN}`;
// Anybody makes groups and public rooms, and does there what they like to whom they like: it comes beside the rest, so that
// however much of it there is nothing else is left out for it.
const EVERYWHERE = `WITH all_of AS (
    SELECT s.*, s.room_id IS NULL OR coalesce(r.kind IN ('language', 'match'), false) AS ours
    FROM safety.sanctions s LEFT JOIN chat.rooms r USING (room_id) WHERE s.user_id = $1
  )
  SELECT * FROM (
    (SELECT * FROM all_of WHERE ours ${LATEST} LIMIT ${SHOWN})
    UNION ALL (SELECT * FROM all_of WHERE NOT ours ${LATEST} LIMIT ${SHOWN})
  ) AS shown ${LATEST}`;
// What they were not told has an effect nevertheless, and may be appealed against.
const TOLD = `SELECT * FROM (
    SELECT s.*, s.room_id IS NULL OR s.sanction_id IN (
      SELECT n.sanction_id FROM safety.notices n WHERE n.user_id = $1 AND n.sanction_id IS NOT NULL) AS told
    FROM safety.sanctions s WHERE s.user_id = $1
  ) AS mine
  WHERE told OR (lifted_at IS NULL AND type IN ('mute', 'ban')) ORDER BY told DESC, created_at DESC, sanction_id DESC
  LIMIT ${SHOWN}`;

/** Those of a person in `roomIds` (null: wherever it was), the newest first. */
export async function sanctionsOf(
  db: Queryable,
  userId: string,
  roomIds: readonly string[] | null,
): Promise<SanctionRow[]> {
  const { rows } =
    roomIds === null
      ? await db.query<SanctionRow>(EVERYWHERE, [userId])
      : await db.query<SanctionRow>(IN_ROOMS, [userId, roomIds]);
  return rows;
}

/** What a person is shown of what was done to them, the newest first. */
export async function sanctionsToldTo(db: Queryable, userId: string): Promise<Sanction[]> {
  const { rows } = await db.query<SanctionRow & { told: boolean }>(TOLD, [userId]);
  return rows.toSorted((a, b) => b.created_at - a.created_at).map(presentMine);
}
