/** Reports of messages and what is decided on them, as the committer runs them: the message, its case and the room as one. */
import { badInput, type MyReport, ProtocolError, type PublicUser } from '@confab/protocol';
import type { Profiles } from '../accounts/index.ts';
import {
  findMessage,
  forViewer,
  type MessageRow,
  page,
  presentMessage,
  presentStored,
  removeMessage,
  setHidden,
  tellAuthor,
} from '../messages/index.ts';
import {
  type By,
  type ChangeInput,
  type ChangeKind,
  demand,
  oneByOne,
  type RoomRow,
  type RoomTx,
} from '../rooms/index.ts';
import type { Blocks, ModerationLog } from '../safety/index.ts';
import type { Evidence } from './case-rows.ts';
import { type Closing, type ClosingDeps, settleCase } from './case-steps.ts';
import { countHiding, fileReport, lockReporters, type NewReport } from './report-rows.ts';

/** Messages before and after a reported one that are kept with it. */
const AROUND = 5;
/** Earlier versions of one that are kept with it: the newest, and the first one, which is often what was answered. */
const VERSIONS = 50;
/** Characters of the newest ones together. */
const VERSION_CHARS = 100_000;
const KEPT_VERSIONS = `SELECT body, until, total FROM (
    SELECT body, until, rev, row_number() OVER newest AS place, sum(length(body)) OVER newest AS characters,
      min(rev) OVER () AS first, (count(*) OVER ())::int AS total
    FROM chat.message_edits WHERE room_id = $1 AND n = $2 WINDOW newest AS (ORDER BY rev DESC)) AS edits
  WHERE rev = first OR (place <= ${VERSIONS} AND characters <= ${VERSION_CHARS}) ORDER BY rev`;

export interface ReportingDeps extends ClosingDeps {
  profiles: Profiles;
  blocks: Blocks;
  trail: ModerationLog;
  /** Reports after which a message is hidden until it is decided; 0: never. */
  autoHideReports: number;
}

interface ReportMessage extends ChangeInput<string>, By {
  messageId: string;
  caseId: string;
  report: Omit<NewReport, 'reporterId' | 'at'>;
}

interface CloseMessageCase extends ChangeInput {
  messageId: string;
  closing: Closing;
  /** Whether whoever decides stands above the author. */
  reaches: boolean;
}

export interface Filed {
  mine: MyReport;
  caseId: string;
  accusedId: string | null;
  /** The room whose moderators decide as well. */
  governingId: string | null;
  isNew: boolean;
}

/** @throws ProtocolError not_found, bad_input, limit_reached */
export function reportKind(deps: ReportingDeps): ChangeKind<ReportMessage, Filed> {
  const one = oneByOne('report', async (input: ReportMessage, tx): Promise<Filed> => {
    const { room, seat } = await tx.enter(input);
    demand('read', seat);
    const row = await findMessage(tx.db, input.roomId, input.messageId);
    if (row.deleted_at !== null) throw new ProtocolError('not_found');
    if (row.kind === 'system') throw badInput('target', 'is no message of anybody');
    if (row.sender_id === input.actorId) throw badInput('target', 'is your own');
    const [user] = await deps.profiles.publicUsers([row.sender_id]);
    if (user === undefined) throw new Error('the sender of a message has no profile');
    const governingId = room.parent_room_id ?? room.room_id;
    const [author] = await tx.members([{ roomId: governingId, userId: row.sender_id }]);
    const subject = {
      caseId: input.caseId,
      target: { type: 'message' as const, roomId: room.room_id, messageId: row.message_id },
      accusedId: row.sender_id,
      accusedRole: author?.left_at === null ? author.role : null,
      roomId: room.room_id,
      governingId,
    };
    // Whom moderators keep from writing does not take the words of others away either.
    const isOld = input.report.isOld && !seat.silenced;
    const report = { ...input.report, isOld, reporterId: input.actorId, at: tx.now };
    const filed = await fileReport(tx.db, report, subject, () => evidenceOf(tx, room, row, user, input.actorId, deps));
    if (row.edited_at !== null) await keepVersions(tx, row, filed.row.case_id);
    const mayHide = seat.rights !== 'direct' && deps.autoHideReports > 0;
    if (filed.isNew && mayHide && (await countHiding(tx.db, filed.row.case_id)) >= deps.autoHideReports) {
      await hide(tx, room, row, filed.row.case_id, deps);
    }
    return { mine: filed.mine, caseId: filed.row.case_id, accusedId: row.sender_id, governingId, isNew: filed.isNew };
  });
  return {
    name: 'report',
    async apply(batch, tx) {
      await lockReporters(
        tx.db,
        batch.map((input) => input.actorId),
      );
      return one.apply(batch, tx);
    },
  };
}

/**
 * Decides the case of a message. One that is hidden for its reports is shown again, or deleted, by the outcome, and its
 * author is told.
 * @throws ProtocolError not_found, forbidden, already_decided
 */
export function closeMessageCaseKind(deps: ReportingDeps): ChangeKind<CloseMessageCase, void> {
  return oneByOne('closeCase', async ({ roomId, messageId, closing, reaches }: CloseMessageCase, tx): Promise<void> => {
    // Both may be gone for good: what was kept is decided all the same.
    const room = tx.room(roomId);
    const row = room && (await findMessage(tx.db, roomId, messageId).catch(gone));
    const isHidden = row !== undefined && row.deleted_at === null && (row.hidden_at ?? null) !== null;
    if (isHidden && closing.outcome === 'action_taken' && !reaches) throw new ProtocolError('forbidden');
    for (const told of await settleCase(tx.db, deps, closing, tx.now)) tx.emit(told.channel, told.frame);
    if (room === undefined || !isHidden) return;
    const about = { roomId, messageId, targetId: row.sender_id, actorId: closing.actorId };
    if (closing.outcome === 'no_action') await setHidden(tx, room, row, false, deps);
    else await removeMessage(tx, room, row, deps);
    const action = closing.outcome === 'no_action' ? 'message.shown' : 'message.deleted';
    await deps.trail.record(tx.db, { action, ...about, details: { caseId: closing.caseId } });
    const type = closing.outcome === 'no_action' ? 'message_shown' : 'messages_removed';
    await tellAuthor(tx, room, row, { type, reason: null }, deps);
  });
}

function gone(error: unknown): undefined {
  if (!(error instanceof ProtocolError) || error.code !== 'not_found') throw error;
}

async function hide(tx: RoomTx, room: RoomRow, row: MessageRow, caseId: string, deps: ReportingDeps): Promise<void> {
  if ((row.hidden_at ?? null) !== null) return;
  await setHidden(tx, room, row, true, deps);
  await deps.trail.record(tx.db, {
    action: 'message.hidden',
    actorId: null,
    roomId: room.room_id,
    targetId: row.sender_id,
    messageId: row.message_id,
    details: { caseId },
  });
  await tellAuthor(tx, room, row, { type: 'message_hidden', reason: null }, deps);
}

// What it said before it was edited, and what it says now, which may be worse than what was reported first.
async function keepVersions({ db }: RoomTx, { room_id, n, body }: MessageRow, caseId: string): Promise<void> {
  const { rows } = await db.query<{ body: string; until: number; total: number }>(KEPT_VERSIONS, [room_id, n]);
  const kept: Pick<Evidence, 'versions' | 'versionsLeftOut'> = {
    versions: [...rows.map((edit) => ({ body: edit.body, until: edit.until })), { body, until: null }],
    versionsLeftOut: (rows[0]?.total ?? 0) - rows.length,
  };
  await db.query('UPDATE safety.cases SET evidence = evidence || $2 WHERE case_id = $1', [
    caseId,
    JSON.stringify(kept),
  ]);
}

// The message as it is stored; what is around it as whoever reports it sees it.
async function evidenceOf(
  tx: RoomTx,
  room: RoomRow,
  row: MessageRow,
  user: PublicUser,
  reporterId: string,
  { blocks }: ReportingDeps,
): Promise<Evidence> {
  const blocked = await blocks.blockedByOne(reporterId);
  const rows = await page(tx.db, room.room_id, { around: row.n, limit: 2 * AROUND + 1 });
  return {
    at: tx.now,
    message: presentStored(row),
    around: rows.filter(({ n }) => n !== row.n).map((near) => forViewer(presentMessage(near), blocked)),
    room: { id: room.room_id, name: room.name, topic: room.topic },
    user,
  };
}
