/** Deciding a case: what comes with it whatever it is about, in one transaction. */
import type { Case } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { ModerationLog, Notices } from '../safety/index.ts';
import { evidenceOf, lockCase, saveCase } from './case-rows.ts';
import type { Told } from './sanction-steps.ts';

export interface ClosingDeps {
  trail: ModerationLog;
  notices: Notices;
}

export interface Closing {
  caseId: string;
  /** The one that was seen. */
  version: number;
  outcome: NonNullable<Case['outcome']>;
  actorId: string;
}

/**
 * Closes a case, once, records it, and gives everyone who reported it a notice whose reason is the outcome. Answers what they
 * are to be told once it is committed.
 * @throws ProtocolError not_found, already_decided, before anything is written
 */
export async function settleCase(
  db: Queryable,
  { trail, notices }: ClosingDeps,
  { caseId, version, outcome, actorId }: Closing,
  now: number,
): Promise<Told[]> {
  const row = await lockCase(db, caseId, version);
  await saveCase(db, { ...row, state: 'closed', outcome, closed_at: now });
  const { rows } = await db.query<{ reporter_id: string }>(
    'SELECT reporter_id FROM safety.reports WHERE case_id = $1 ORDER BY report_id',
    [caseId],
  );
  const { room_id: roomId, accused_id: targetId, target } = row;
  const roomName = (await evidenceOf(db, caseId)).room?.name ?? null;
  const told: Told[] = [];
  for (const { reporter_id } of rows) {
    told.push(await notices.add(db, reporter_id, { type: 'report_closed', roomId, roomName, reason: outcome }));
  }
  const messageId = target.type === 'message' ? target.messageId : null;
  const details = { caseId, outcome, reports: rows.length };
  await trail.record(db, { action: 'case.closed', actorId, roomId, targetId, messageId, details });
  return told;
}
