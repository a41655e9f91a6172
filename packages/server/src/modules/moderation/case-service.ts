import {
  type CaseDetail,
  isAtLeast,
  ProtocolError,
  type PublicUser,
  roleReaches,
  roomRole,
  type RouteOutput,
  standsAbove,
} from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Bus } from '../../platform/bus/index.ts';
import type { DemandLive } from '../accounts/index.ts';
import { accessRoom } from '../rooms/index.ts';
import { type Asker, askerAbove, askerOf, type Officers, officersOf } from './case-officers.ts';
import {
  amongDeciders,
  type CaseQuery,
  type CaseRow,
  deciders,
  evidenceOf,
  isFirstReading,
  lockCase,
  presentCase,
  queue,
  roomOfCase,
  saveCase,
  visibleCase,
} from './case-rows.ts';
import { type Closing, settleCase } from './case-steps.ts';
import { closeMessageCaseKind } from './report-changes.ts';
import type { ReportDeps } from './report-service.ts';

export interface CaseDeps extends ReportDeps {
  bus: Bus;
  demandLive: DemandLive;
}

type Line = { id: string; by: string; createdAt: number };

/**
 * What is to be decided. Moderators of the instance see all of it; those of a room the messages reported there, by people
 * they stand above; nobody what they are accused of themselves.
 */
export class CaseService {
  readonly #deps: CaseDeps;
  readonly #closeMessageCase: ReturnType<typeof closeMessageCaseKind>;

  constructor(deps: CaseDeps) {
    this.#deps = deps;
    this.#closeMessageCase = closeMessageCaseKind(deps);
  }

  /**
   * A page: those with most reports first while they wait, the newest first once they are closed. Empty to whoever moderates
   * nothing.
   * @throws ProtocolError not_found, forbidden (roomId), bad_input (cursor)
   */
  async list(actor: Actor, query: CaseQuery): Promise<RouteOutput<'cases'>> {
    const { db, profiles } = this.#deps;
    if (query.roomId !== undefined && !isAtLeast(actor.role, 'moderator')) {
      await accessRoom(db, actor, query.roomId, 'moderate');
    }
    const { cases, nextCursor } = await queue(db, await this.#asker(actor), query);
    const named = cases.flatMap(({ accusedId, assigneeId }) => [accusedId ?? [], assigneeId ?? []].flat());
    return { cases, users: await profiles.publicUsers([...new Set(named)]), nextCursor };
  }

  /** Recorded once for each who reads it: what is kept may be nobody's to read otherwise. @throws ProtocolError not_found */
  async read(actor: Actor, caseId: string): Promise<CaseDetail> {
    const { db, trail } = this.#deps;
    const row = await this.#demandVisible(actor, caseId);
    await db.transaction(async (tx) => {
      if (!(await isFirstReading(tx, caseId, actor.userId))) return;
      await trail.record(tx, { ...about(row, actor), action: 'case.read', details: { caseId } });
    });
    return this.#detail(actor, caseId);
  }

  async #detail(actor: Actor, caseId: string): Promise<CaseDetail> {
    const { db, profiles } = this.#deps;
    const row = await visibleCase(db, await this.#asker(actor), caseId);
    if (row === undefined) throw new ProtocolError('not_found');
    const [evidence, reports, notes] = await Promise.all([
      evidenceOf(db, caseId),
      db.query<Line & Pick<CaseDetail['reports'][number], 'category' | 'note'>>(
        `SELECT report_id AS id, reporter_id AS by, category, note, created_at AS "createdAt" FROM safety.reports
         WHERE case_id = $1 ORDER BY report_id LIMIT 500`,
        [caseId],
      ),
      db.query<Line & { text: string }>(
        `SELECT note_id AS id, written_by AS by, body AS text, created_at AS "createdAt" FROM safety.case_notes
         WHERE case_id = $1 ORDER BY note_id LIMIT 500`,
        [caseId],
      ),
    ]);
    const lines: Line[] = [...reports.rows, ...notes.rows];
    const named = [
      ...[row.accused_id, row.assignee_id, evidence.message?.senderId].filter((id) => typeof id === 'string'),
      ...evidence.around.map((message) => message.senderId),
      ...lines.map(({ by }) => by),
    ];
    const users = await profiles.publicUsers([...new Set(named)]);
    const reach = await this.#reach(actor, row, users);
    return { ...presentCase(row), evidence, reports: reports.rows, notes: notes.rows, reach, users };
  }

  async #reach(actor: Actor, row: CaseRow, users: readonly PublicUser[]): Promise<CaseDetail['reach']> {
    const accused = users.find(({ id }) => id === row.accused_id);
    if (accused === undefined) return [];
    const room = await roomOfCase(this.#deps.db, row.case_id, actor.userId);
    const reach: CaseDetail['reach'] = [];
    if (room !== undefined && room.kind !== 'thread') {
      const mine = { role: roomRole(room.kind, room.mine, actor.role), instance: actor.role };
      const moderates = mine.role !== null && roleReaches('moderate', room.kind, mine.role);
      const theirs = { role: room.theirs, instance: accused.role };
      if (moderates && standsAbove(room.kind, mine, theirs)) reach.push('room');
    }
    const above = !isAtLeast(accused.role, actor.role);
    if (above && isAtLeast(actor.role, 'moderator')) reach.push('everywhere');
    return reach;
  }

  /** Whom the case may be given to, in no order. @throws ProtocolError not_found */
  async assignees(actor: Actor, caseId: string): Promise<PublicUser[]> {
    const { db, profiles } = this.#deps;
    await this.#demandVisible(actor, caseId);
    return profiles.publicUsers(await deciders(db, caseId, await officersOf(profiles)));
  }

  /**
   * Gives a case to somebody who may decide it, or puts it back (null). Of two at once one wins.
   * @throws ProtocolError not_found, forbidden: not for them; already_decided: it is closed, or has changed since
   */
  async assign(actor: Actor, caseId: string, assigneeId: string | null, version: number): Promise<CaseDetail> {
    const { db, trail, demandLive } = this.#deps;
    await this.#demandVisible(actor, caseId);
    if (assigneeId !== null && assigneeId !== actor.userId) await this.#demandFor(assigneeId, caseId);
    const row = await db.transaction(async (tx) => {
      await demandLive(tx, actor);
      const locked = await lockCase(tx, caseId, version);
      await saveCase(tx, { ...locked, state: assigneeId === null ? 'open' : 'assigned', assignee_id: assigneeId });
      await trail.record(tx, { ...about(locked, actor), action: 'case.assigned', details: { caseId, assigneeId } });
      return locked;
    });
    return this.#changed(actor, row);
  }

  /** Notes are neither changed nor removed; closed cases take them too. @throws ProtocolError not_found */
  async note(actor: Actor, caseId: string, text: string): Promise<CaseDetail> {
    const { db, trail, ids, clock, demandLive } = this.#deps;
    await this.#demandVisible(actor, caseId);
    const noteId = ids.uuid();
    const row = await db.transaction(async (tx) => {
      await demandLive(tx, actor);
      const locked = await lockCase(tx, caseId, null);
      await tx.query('INSERT INTO safety.case_notes VALUES ($1, $2, $3, $4, $5)', [
        noteId,
        caseId,
        actor.userId,
        text,
        new Date(clock.now()),
      ]);
      await trail.record(tx, { ...about(locked, actor), action: 'case.noted', details: { caseId, noteId } });
      return locked;
    });
    return this.#changed(actor, row);
  }

  /**
   * Decides a case, once: of two at once one wins. Everyone who reported it is told, in the same transaction. A message that
   * is hidden for its reports is shown again by no_action, and deleted by action_taken.
   * @throws ProtocolError not_found; forbidden: they reported it and others can decide, or what would be deleted is by somebody
   * they do not stand above; already_decided: it is closed, or has changed since
   */
  async close(actor: Actor, closing: Omit<Closing, 'actorId'>): Promise<CaseDetail> {
    const { db, clock, bus, committer, directory, demandLive } = this.#deps;
    const row = await this.#demandVisible(actor, closing.caseId);
    const officers = await officersOf(this.#deps.profiles);
    await this.#demandOthers(actor, closing.caseId, officers);
    const mine = { ...closing, actorId: actor.userId };
    if (row.target.type === 'message') {
      const { roomId, messageId } = row.target;
      const parentId = await directory.parentOf(roomId);
      const reaches = (await visibleCase(db, askerAbove(actor, officers), row.case_id)) !== undefined;
      const change = { roomId, parentId, actorId: actor.userId, messageId, closing: mine, reaches };
      await committer.run(this.#closeMessageCase, change);
    } else {
      const told = await db.transaction(async (tx) => {
        await demandLive(tx, actor);
        return settleCase(tx, this.#deps, mine, clock.now());
      });
      for (const { channel, frame } of told) bus.publish(channel, frame);
    }
    return this.#changed(actor, row);
  }

  async #asker(who: Pick<Actor, 'userId' | 'role'>): Promise<Asker> {
    return askerOf(who, await officersOf(this.#deps.profiles));
  }

  // Nobody decides on their own reports where somebody else can.
  async #demandOthers({ userId }: Actor, caseId: string, officers: Officers): Promise<void> {
    const { db, profiles } = this.#deps;
    const { rows } = await db.query<{ reporter_id: string }>(
      'SELECT reporter_id FROM safety.reports WHERE case_id = $1',
      [caseId],
    );
    const reporters = new Set(rows.map(({ reporter_id }) => reporter_id));
    if (!reporters.has(userId)) return;
    const others = (await deciders(db, caseId, officers)).filter((id) => !reporters.has(id));
    if ((await profiles.able(others)).size > 0) throw new ProtocolError('forbidden');
  }

  async #demandVisible(actor: Actor, caseId: string): Promise<CaseRow> {
    const row = await visibleCase(this.#deps.db, await this.#asker(actor), caseId);
    if (row === undefined) throw new ProtocolError('not_found');
    return row;
  }

  async #demandFor(userId: string, caseId: string): Promise<void> {
    const [user] = await this.#deps.profiles.publicUsers([userId]);
    if (user === undefined) throw new ProtocolError('forbidden');
    const asker = await this.#asker({ userId, role: user.role });
    if ((await visibleCase(this.#deps.db, asker, caseId)) === undefined) throw new ProtocolError('forbidden');
  }

  async #changed(actor: Actor, row: CaseRow): Promise<CaseDetail> {
    const { db, news, profiles } = this.#deps;
    const among = amongDeciders(db, row.case_id, profiles);
    news.tell('case', null, among);
    if (row.target.type === 'message' && row.governing_id !== null) news.tell('case', row.governing_id, among);
    return this.#detail(actor, row.case_id);
  }
}

function about({ room_id: roomId, accused_id: targetId, target }: CaseRow, { userId: actorId }: Actor) {
  return { actorId, roomId, targetId, messageId: target.type === 'message' ? target.messageId : null };
}
