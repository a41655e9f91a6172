import {
  badInput,
  isAtLeast,
  type MyReport,
  ProtocolError,
  type ReportCategory,
  type ReportTarget,
} from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import { paged, type PersonalData } from '../../platform/personal-data.ts';
import { page, presentMessage } from '../messages/index.ts';
import { accessRoom, type Committer, type ModeratorNews, type RoomDirectory, type RoomRow } from '../rooms/index.ts';
import type { BlockService } from '../safety/index.ts';
import { askerOf, officersOf } from './case-officers.ts';
import { amongDeciders, type Evidence } from './case-rows.ts';
import { type Filed, type ReportingDeps, reportKind } from './report-changes.ts';
import { countReports, fileReport, lockReporters, reportedAmong, reportsBy } from './report-rows.ts';

/** Messages of a room of two that are kept with a report of it. */
const LAST = 10;
/** Accounts older than this count for hiding a message. */
const OLD_MS = 24 * 3600 * 1000;

export interface ReportDeps extends ReportingDeps {
  db: Database;
  clock: Clock;
  ids: Ids;
  committer: Committer;
  directory: RoomDirectory;
  news: ModeratorNews;
  blocks: BlockService;
}

interface Reporting {
  target: ReportTarget;
  category: ReportCategory;
  note: string;
  /** Block the person as well. */
  block: boolean;
}

/** What people report. */
export class ReportService {
  readonly personalData: PersonalData;
  readonly #deps: ReportDeps;
  readonly #ofMessage: ReturnType<typeof reportKind>;

  constructor(deps: ReportDeps) {
    this.#deps = deps;
    this.#ofMessage = reportKind(deps);
    this.personalData = {
      files: (userId) => [
        {
          name: 'safety/reports.jsonl',
          rows: () => paged<MyReport>((last, limit) => reportsBy(deps.db, userId, { limit, before: last?.id })),
        },
      ],
      // What they reported goes on being decided: of them an id is left.
      erase: () => Promise.resolve(),
    };
  }

  /**
   * Keeps what is reported as it is now and puts it before those who moderate; a message that enough people have reported is
   * hidden in the same transaction. While it is undecided the same person is answered their first report again; after that a
   * new one opens a new case. Blocks last, and again when asked again.
   * @throws ProtocolError not_found to whoever cannot see it, bad_input (oneself), limit_reached
   */
  async report(actor: Actor, { target, category, note, block }: Reporting): Promise<MyReport> {
    const { db, profiles, ids, clock, news, blocks } = this.#deps;
    const since = (await profiles.signedUp([actor.userId])).get(actor.userId) ?? clock.now();
    const isOld = isAtLeast(actor.role, 'user') && clock.now() - since >= OLD_MS;
    const report = { reportId: ids.uuid(), category, note, isOld };
    const filed =
      target.type === 'message'
        ? await this.#message(actor, target, report)
        : await this.#other(actor, target, { ...report, reporterId: actor.userId, at: clock.now() });
    if (filed.isNew) {
      const among = amongDeciders(db, filed.caseId, profiles);
      news.tell('case', null, among);
      if (filed.governingId !== null && target.type === 'message') news.tell('case', filed.governingId, among);
    }
    if (block && filed.accusedId !== null) await blocks.block(actor.userId, filed.accusedId);
    return filed.mine;
  }

  /** Theirs, the newest first; those before `before`. */
  async mine(
    actor: Actor,
    { limit, before }: { limit: number; before?: string | undefined },
  ): Promise<{ reports: MyReport[]; hasMore: boolean }> {
    const reports = await reportsBy(this.#deps.db, actor.userId, { limit: limit + 1, before });
    return { reports: reports.slice(0, limit), hasMore: reports.length > limit };
  }

  /** Reports of a person and by them, in cases that the actor may see. */
  async count(actor: Actor, userId: string): Promise<{ reported: number; reporting: number }> {
    const { db, profiles } = this.#deps;
    return countReports(db, askerOf(actor, await officersOf(profiles)), userId);
  }

  /** Those of these pairs, as `a b`, of whom the first ever reported the second. */
  reportedAmong(pairs: readonly (readonly [string, string])[]): Promise<ReadonlySet<string>> {
    return reportedAmong(this.#deps.db, pairs);
  }

  async #message(
    actor: Actor,
    { roomId, messageId }: Extract<ReportTarget, { type: 'message' }>,
    report: { reportId: string; category: ReportCategory; note: string; isOld: boolean },
  ): Promise<Filed> {
    const { directory, committer, ids } = this.#deps;
    const by = await directory.inputBy(actor, roomId);
    return committer.run(this.#ofMessage, { ...by, messageId, caseId: ids.uuid(), report });
  }

  async #other(
    actor: Actor,
    target: Exclude<ReportTarget, { type: 'message' }>,
    report: Parameters<typeof fileReport>[1],
  ): Promise<Filed> {
    const { db, ids } = this.#deps;
    const found = target.type === 'user' ? await this.#person(target.userId) : await this.#room(actor, target.roomId);
    if (found.accusedId === actor.userId) throw badInput('target', 'is yourself');
    const { evidence, ...rest } = found;
    const subject = { caseId: ids.uuid(), target, accusedRole: null, ...rest };
    const filed = await db.transaction(async (tx) => {
      await lockReporters(tx, [actor.userId]);
      return fileReport(tx, report, subject, () => Promise.resolve({ ...evidence, at: report.at }));
    });
    const { mine, row, isNew } = filed;
    return { mine, isNew, caseId: row.case_id, accusedId: found.accusedId, governingId: found.governingId };
  }

  async #person(userId: string): Promise<Found> {
    const [user] = await this.#deps.profiles.publicUsers([userId]);
    if (user === undefined) throw new ProtocolError('not_found');
    const evidence = { message: null, around: [], room: null, user };
    return { accusedId: userId, roomId: null, governingId: null, evidence };
  }

  async #room(actor: Actor, roomId: string): Promise<Found> {
    const { db, profiles } = this.#deps;
    const room = (await openRoom(db, roomId)) ?? (await accessRoom(db, actor, roomId, 'read')).room;
    const governingId = room.parent_room_id ?? room.room_id;
    const other = await otherOf(db, governingId, actor.userId);
    if (other !== undefined) return this.#ofTwo(room, governingId, other);
    const { rows } = await db.query<{ user_id: string }>(
      `SELECT user_id FROM chat.members WHERE room_id = $1 AND role = 'owner' AND left_at IS NULL
       ORDER BY joined_at, user_id LIMIT 1`,
      [governingId],
    );
    const owner = rows[0]?.user_id ?? null;
    const [user = null] = owner === null ? [] : await profiles.publicUsers([owner]);
    const evidence = {
      message: null,
      around: [],
      room: { id: roomId, name: room.name, topic: room.topic },
      user,
    };
    return { accusedId: owner, roomId, governingId, evidence };
  }

  // Of two it is the other one who is meant, with what was said last: blocked or not, they are who is to be judged.
  async #ofTwo({ room_id: roomId, name, topic }: RoomRow, governingId: string, other: string): Promise<Found> {
    const { db, profiles } = this.#deps;
    const [user = null] = await profiles.publicUsers([other]);
    const around = (await page(db, roomId, { limit: LAST })).map(presentMessage);
    const evidence = { message: null, around, room: { id: roomId, name, topic }, user };
    return { accusedId: other, roomId, governingId, evidence };
  }
}

interface Found {
  accusedId: string | null;
  roomId: string | null;
  governingId: string | null;
  evidence: Omit<Evidence, 'at'>;
}

/** A room that everyone can see. */
async function openRoom(db: Database, roomId: string): Promise<RoomRow | undefined> {
  const { rows } = await db.query<RoomRow>(
    "SELECT * FROM chat.rooms WHERE room_id = $1 AND deleted_at IS NULL AND kind IN ('public', 'language')",
    [roomId],
  );
  return rows[0];
}

/** In a room of two who the other one is or, once they left, was; undefined in all others. */
async function otherOf(db: Database, roomId: string, userId: string): Promise<string | undefined> {
  const { rows } = await db.query<{ user_id: string }>(
    `SELECT m.user_id FROM chat.rooms r JOIN chat.members m USING (room_id)
     WHERE r.room_id = $1 AND r.kind IN ('direct', 'match') AND m.user_id <> $2`,
    [roomId, userId],
  );
  return rows[0]?.user_id;
}
