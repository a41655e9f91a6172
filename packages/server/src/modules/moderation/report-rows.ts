/** SQL of `safety.reports` and of the cases they open. Instants are epoch ms. */
import {
  LIMITS,
  type MemberRole,
  type MyReport,
  ProtocolError,
  type ReportCategory,
  type ReportTarget,
} from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { Asker } from './case-officers.ts';
import { type CaseRow, COLUMNS, type Evidence, lockUndecided, VISIBLE } from './case-rows.ts';

export interface NewReport {
  reportId: string;
  reporterId: string;
  category: ReportCategory;
  note: string;
  /** Whether they have been here for long enough to count for hiding a message. */
  isOld: boolean;
  /** Epoch ms. */
  at: number;
}

/** What is reported. */
interface Subject {
  caseId: string;
  target: ReportTarget;
  accusedId: string | null;
  /** Of a message: what its author is in the room whose rights count; null: nothing. */
  accusedRole: MemberRole | null;
  roomId: string | null;
  governingId: string | null;
}

/** The id of what is reported: of a message its own. */
function targetId(target: ReportTarget): string {
  if (target.type === 'message') return target.messageId;
  return target.type === 'user' ? target.userId : target.roomId;
}

const MINE = `SELECT r.report_id AS id, c.target, r.category, r.note, r.created_at AS "createdAt", c.outcome
  FROM safety.reports r JOIN safety.cases c USING (case_id)`;

/**
 * Nobody else files a report of theirs until the transaction ends, so that the limit holds. To be taken in order of id, and
 * before any case is locked.
 */
export async function lockReporters(db: Queryable, reporterIds: readonly string[]): Promise<void> {
  for (const id of [...new Set(reporterIds)].toSorted()) {
    await db.query("SELECT pg_advisory_xact_lock(hashtextextended('safety.reports ' || $1, 0))", [id]);
  }
}

/**
 * Adds a report to the undecided case of its target, or opens one with this evidence; the same person again is answered their
 * first report of it, and nothing is written. The reporter is locked.
 * @param evidence asked for only when a case is opened
 * @throws ProtocolError limit_reached, before anything is written
 */
export async function fileReport(
  db: Queryable,
  report: NewReport,
  subject: Subject,
  evidence: () => Promise<Evidence>,
): Promise<{ mine: MyReport; row: CaseRow; isNew: boolean }> {
  const id = targetId(subject.target);
  const known = await lockUndecided(db, id);
  const before = known && (await mineOf(db, known.case_id, report.reporterId));
  if (known !== undefined && before !== undefined) return { mine: before, row: known, isNew: false };
  if ((await openReports(db, report.reporterId)) >= LIMITS.openReports) throw new ProtocolError('limit_reached');
  const { case_id } = known ?? (await openCase(db, subject, report.at, await evidence()));
  await db.query(
    `INSERT INTO safety.reports (report_id, case_id, reporter_id, category, note, created_at, hides)
     VALUES ($1, $2, $3, $4, $5, $6, $7 AND NOT EXISTS (
       SELECT FROM safety.reports r JOIN safety.cases c USING (case_id)
       WHERE c.target_id = $8 AND c.outcome = 'no_action' AND r.reporter_id = $3))`,
    [report.reportId, case_id, report.reporterId, report.category, report.note, new Date(report.at), report.isOld, id],
  );
  const { rows } = await db.query<CaseRow>(
    `UPDATE safety.cases SET report_count = report_count + 1,
       categories = CASE WHEN $2 = ANY(categories) THEN categories ELSE categories || $2 END
     WHERE case_id = $1 RETURNING ${COLUMNS}`,
    [case_id, report.category],
  );
  const mine = await mineOf(db, case_id, report.reporterId);
  if (rows[0] === undefined || mine === undefined) throw new Error('a report that was just filed is missing');
  return { mine, row: rows[0], isNew: true };
}

/** How many reports of a case count for hiding the message. */
export async function countHiding(db: Queryable, caseId: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'SELECT count(*) AS count FROM safety.reports WHERE case_id = $1 AND hides',
    [caseId],
  );
  return rows[0]?.count ?? 0;
}

/** The newest first; those before `before`. */
export async function reportsBy(
  db: Queryable,
  userId: string,
  { limit, before }: { limit: number; before?: string | undefined },
): Promise<MyReport[]> {
  const { rows } = await db.query<MyReport>(
    `${MINE} WHERE r.reporter_id = $1 AND ($2::uuid IS NULL OR r.report_id < $2) ORDER BY r.report_id DESC LIMIT $3`,
    [userId, before ?? null, limit],
  );
  return rows;
}

/** Reports of a person and by them, in cases that `asker` may see: who sees no case is not told by numbers either. */
export async function countReports(
  db: Queryable,
  asker: Asker,
  userId: string,
): Promise<{ reported: number; reporting: number }> {
  const { rows } = await db.query<{ reported: number; reporting: number }>(
    `SELECT
       (SELECT coalesce(sum(c.report_count), 0)::int FROM safety.cases c
        WHERE c.accused_id = $4 AND ${VISIBLE}) AS reported,
       (SELECT count(*) FROM safety.reports r JOIN safety.cases c USING (case_id)
        WHERE r.reporter_id = $4 AND ${VISIBLE}) AS reporting`,
    [asker.userId, asker.hasOffice, asker.beyond, userId],
  );
  return rows[0] ?? { reported: 0, reporting: 0 };
}

/** Those of these pairs, as `a b`, of whom the first ever reported the second. */
export async function reportedAmong(
  db: Queryable,
  pairs: readonly (readonly [string, string])[],
): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ a: string; b: string }>(
    `SELECT p.a, p.b FROM unnest($1::uuid[], $2::uuid[]) AS p (a, b)
     WHERE EXISTS (SELECT FROM safety.cases c JOIN safety.reports r USING (case_id)
                   WHERE c.accused_id = p.b AND r.reporter_id = p.a)`,
    [pairs.map(([a]) => a), pairs.map(([, b]) => b)],
  );
  return new Set(rows.map(({ a, b }) => `${a} ${b}`));
}

async function mineOf(db: Queryable, caseId: string, reporterId: string): Promise<MyReport | undefined> {
  const { rows } = await db.query<MyReport>(`${MINE} WHERE r.case_id = $1 AND r.reporter_id = $2`, [
    caseId,
    reporterId,
  ]);
  return rows[0];
}

async function openReports(db: Queryable, reporterId: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*) AS count FROM safety.reports r JOIN safety.cases c USING (case_id)
     WHERE r.reporter_id = $1 AND c.state <> 'closed'`,
    [reporterId],
  );
  return rows[0]?.count ?? 0;
}

// Somebody else may open it meanwhile: then it is theirs, with their evidence. Should it be decided before it can be locked,
// the next turn opens another.
async function openCase(db: Queryable, subject: Subject, at: number, evidence: Evidence): Promise<CaseRow> {
  const { caseId, target, accusedId, accusedRole, roomId, governingId } = subject;
  for (;;) {
    await db.query(
      `INSERT INTO safety.cases (case_id, target_id, target, accused_id, accused_role, room_id, governing_id, evidence,
                                 opened_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
      [
        caseId,
        targetId(target),
        JSON.stringify(target),
        accusedId,
        accusedRole,
        roomId,
        governingId,
        JSON.stringify(evidence),
        new Date(at),
      ],
    );
    const row = await lockUndecided(db, targetId(target));
    if (row !== undefined) return row;
  }
}
