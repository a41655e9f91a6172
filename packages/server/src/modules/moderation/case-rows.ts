/** SQL of `safety.cases`. Instants are epoch ms. */
import {
  badInput,
  type Case,
  type CaseDetail,
  type MemberRole,
  ProtocolError,
  type ReportCategory,
  type ReportTarget,
  type RoomKind,
} from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { Profiles } from '../accounts/index.ts';
import type { Among } from '../rooms/index.ts';
import { type Asker, judgesOf, type Officers, officersOf } from './case-officers.ts';

export type Evidence = CaseDetail['evidence'];

/** Without its evidence, which may be large: `evidenceOf` reads that of one. */
export interface CaseRow {
  case_id: string;
  target: ReportTarget;
  accused_id: string | null;
  room_id: string | null;
  governing_id: string | null;
  state: Case['state'];
  assignee_id: string | null;
  outcome: Case['outcome'];
  report_count: number;
  categories: ReportCategory[];
  opened_at: number;
  closed_at: number | null;
  version: number;
}

export interface CaseQuery {
  state: Case['state'];
  /** Those assigned to whoever asks. */
  mine: boolean;
  roomId?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** Those of `CaseRow`. */
export const COLUMNS = `case_id, target, accused_id, room_id, governing_id, state, assignee_id, outcome, report_count,
  categories, opened_at, closed_at, version`;
const RANK = (role: string) => `coalesce(array_position(ARRAY['member', 'moderator', 'admin', 'owner'], ${role}), 1)`;

/**
 * Whether somebody sees a case, in SQL: their id, whether they have an office, and who is beyond them. Nobody sees what they
 * are accused of; and in a room nobody gives it to another by stepping down: who is to stand above the author stands above
 * what they were when they were reported.
 */
const visibleTo = (userId: string, hasOffice: string, beyond: string, c = 'c') =>
  `${c}.accused_id IS DISTINCT FROM ${userId} AND ((${hasOffice}
  AND (${c}.accused_id = ANY(${beyond}::uuid[])) IS NOT TRUE) OR (${c}.target->>'type' = 'message' AND EXISTS (
    SELECT FROM chat.rooms r
    JOIN chat.members m ON m.room_id = r.room_id AND m.user_id = ${userId} AND m.left_at IS NULL
    LEFT JOIN chat.members a ON a.room_id = r.room_id AND a.user_id = ${c}.accused_id AND a.left_at IS NULL
    WHERE r.room_id = ${c}.governing_id AND r.deleted_at IS NULL AND r.kind IN ('group', 'public', 'language')
      AND m.role IN ('owner', 'admin', 'moderator')
      AND ${RANK('m.role')} > greatest(${RANK('a.role')}, ${RANK(`${c}.accused_role`)})
      AND NOT (r.kind IN ('public', 'language') AND ${c}.accused_id = ANY(${beyond}::uuid[])))))`;
/** $1 is who asks, $2 whether they have an office, $3 who is beyond them. */
export const VISIBLE = visibleTo('$1', '$2', '$3');
// Of other cases as much as of this one: who does not see one is not told of it by numbers either.
const AGAINST = `(SELECT coalesce(sum(o.report_count), 0)::int FROM safety.cases o
  WHERE o.accused_id = c.accused_id AND ${visibleTo('$1', '$2', '$3', 'o')}) AS against`;
const QUEUE = `SELECT ${COLUMNS}, ${AGAINST} FROM safety.cases c
  WHERE ${VISIBLE} AND c.state = $4 AND (NOT $5 OR c.assignee_id = $1) AND ($6::uuid IS NULL OR c.governing_id = $6)`;
const WAITING = `${QUEUE} AND ($7::int IS NULL OR c.report_count < $7
    OR (c.report_count = $7 AND (c.opened_at, c.case_id) > ($8::timestamptz, $9::uuid)))
  ORDER BY c.report_count DESC, c.opened_at, c.case_id LIMIT $10`;
const CLOSED = `${QUEUE} AND ($7::int IS NULL OR (c.closed_at, c.case_id) < ($8::timestamptz, $9::uuid))
  ORDER BY c.closed_at DESC, c.case_id DESC LIMIT $10`;

type Presentable = CaseRow & { against: number };

export function presentCase(row: Presentable): Case {
  return {
    id: row.case_id,
    target: row.target,
    accusedId: row.accused_id,
    roomId: row.room_id,
    state: row.state,
    assigneeId: row.assignee_id,
    outcome: row.outcome,
    reportCount: row.report_count,
    categories: row.categories,
    againstAccused: row.against,
    openedAt: row.opened_at,
    closedAt: row.closed_at,
    version: row.version,
  };
}

/** Nobody else changes it until the transaction ends; undefined: there is none. */
export async function lockUndecided(db: Queryable, targetId: string): Promise<CaseRow | undefined> {
  const { rows } = await db.query<CaseRow>(
    `SELECT ${COLUMNS} FROM safety.cases WHERE target_id = $1 AND state <> 'closed' FOR UPDATE`,
    [targetId],
  );
  return rows[0];
}

/** Undefined to whoever may not see it. */
export async function visibleCase(db: Queryable, asker: Asker, caseId: string): Promise<Presentable | undefined> {
  const { rows } = await db.query<Presentable>(
    `SELECT ${COLUMNS}, ${AGAINST} FROM safety.cases c WHERE ${VISIBLE} AND c.case_id = $4`,
    [asker.userId, asker.hasOffice, asker.beyond, caseId],
  );
  return rows[0];
}

/** What is kept of one that there is. */
export async function evidenceOf(db: Queryable, caseId: string): Promise<Evidence> {
  const { rows } = await db.query<{ evidence: Evidence }>('SELECT evidence FROM safety.cases WHERE case_id = $1', [
    caseId,
  ]);
  if (rows[0] === undefined) throw new Error('a case is missing');
  return rows[0].evidence;
}

/** Notes that somebody reads what is kept of it; whether they have not before. */
export async function isFirstReading(db: Queryable, caseId: string, userId: string): Promise<boolean> {
  const { rows } = await db.query(
    `UPDATE safety.cases SET read_by = array_append(read_by, $2)
     WHERE case_id = $1 AND $2 <> ALL(read_by) RETURNING 1`,
    [caseId, userId],
  );
  return rows.length > 0;
}

/** Who may decide it: of those who have an office, and of those with a role in its room. */
export async function deciders(db: Queryable, caseId: string, officers: Officers): Promise<string[]> {
  const { rows } = await db.query<{ accused_id: string | null; user_id: string | null }>(
    `SELECT c.accused_id, one.user_id FROM safety.cases c
     LEFT JOIN chat.members one ON one.room_id = c.governing_id AND one.left_at IS NULL
       AND one.role IN ('owner', 'admin', 'moderator') AND ${visibleTo('one.user_id', 'false', '$2')}
     WHERE c.case_id = $1`,
    [caseId, officers.all.map(({ id }) => id)],
  );
  const [first] = rows;
  if (first === undefined) return [];
  return [...new Set([...judgesOf(officers, first.accused_id), ...rows.flatMap(({ user_id }) => user_id ?? [])])];
}

/** Of those who moderate where it belongs, they alone hear of a case. */
export function amongDeciders(db: Queryable, caseId: string, profiles: Profiles): Among {
  return {
    id: caseId,
    async of(userIds) {
      const may = new Set(await deciders(db, caseId, await officersOf(profiles)));
      return userIds.filter((id) => may.has(id));
    },
  };
}

/** The room whose rights count in a case, what somebody is there, and what the accused is; null: no member. */
interface CaseRoom {
  kind: RoomKind;
  mine: MemberRole | null;
  theirs: MemberRole | null;
}

/** Undefined: there is no such room any more, or the case is about none. */
export async function roomOfCase(db: Queryable, caseId: string, userId: string): Promise<CaseRoom | undefined> {
  const { rows } = await db.query<CaseRoom>(
    `SELECT r.kind, m.role AS mine, a.role AS theirs FROM safety.cases c
     JOIN chat.rooms r ON r.room_id = coalesce(c.governing_id, c.room_id) AND r.deleted_at IS NULL
     LEFT JOIN chat.members m ON m.room_id = r.room_id AND m.user_id = $2 AND m.left_at IS NULL
     LEFT JOIN chat.members a ON a.room_id = r.room_id AND a.user_id = c.accused_id AND a.left_at IS NULL
     WHERE c.case_id = $1`,
    [caseId, userId],
  );
  return rows[0];
}

/**
 * The case as it is now, which nobody else changes until the transaction ends.
 * @param version the one that was seen; null: any
 * @throws ProtocolError not_found, already_decided: it is closed, or another version
 */
export async function lockCase(db: Queryable, caseId: string, version: number | null): Promise<CaseRow> {
  const { rows } = await db.query<CaseRow>(`SELECT ${COLUMNS} FROM safety.cases WHERE case_id = $1 FOR UPDATE`, [
    caseId,
  ]);
  const [row] = rows;
  if (row === undefined) throw new ProtocolError('not_found');
  if (version !== null && (row.state === 'closed' || row.version !== version)) {
    throw new ProtocolError('already_decided');
  }
  return row;
}

/** Writes what moderators change in a case that is locked, under its next version. */
export async function saveCase(db: Queryable, row: CaseRow): Promise<void> {
  await db.query(
    `UPDATE safety.cases SET state = $2, assignee_id = $3, outcome = $4, closed_at = $5, version = version + 1
     WHERE case_id = $1`,
    [row.case_id, row.state, row.assignee_id, row.outcome, row.closed_at === null ? null : new Date(row.closed_at)],
  );
}

/** A page of the queue. @throws ProtocolError bad_input (cursor) */
export async function queue(
  db: Queryable,
  asker: Asker,
  { state, mine, roomId, limit, cursor }: CaseQuery,
): Promise<{ cases: Case[]; nextCursor: string | null }> {
  const from = cursor === undefined ? null : parseCursor(cursor);
  const { rows } = await db.query<Presentable>(state === 'closed' ? CLOSED : WAITING, [
    asker.userId,
    asker.hasOffice,
    asker.beyond,
    state,
    mine,
    roomId ?? null,
    from?.count ?? null,
    from === null ? null : new Date(from.at),
    from?.id ?? null,
    limit + 1,
  ]);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    cases: page.map(presentCase),
    nextCursor: last === undefined ? null : `${last.report_count}.${last.closed_at ?? last.opened_at}.${last.case_id}`,
  };
}

function parseCursor(cursor: string): { count: number; at: number; id: string } {
  const match = /^(\d{1,9})\.(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor);
  const [, count, at, id] = match ?? [];
  if (count === undefined || at === undefined || id === undefined) {
    throw badInput('cursor', 'is not a cursor of this list');
  }
  return { count: Number(count), at: Number(at), id };
}
