/** What automod does to people and tells moderators beside judging a message: a job of the transaction that stored it. */
import { type PublicUser, type RightsKind, roomRole } from '@confab/protocol';
import type { Ids } from '../../platform/ids.ts';
import type { Database, Queryable } from '../../platform/db/index.ts';
import type { Jobs } from '../../platform/jobs/index.ts';
import type { Profiles } from '../accounts/index.ts';
import {
  type ChangeInput,
  type Committer,
  type MemberRow,
  type ModeratorNews,
  oneByOne,
  outranks,
  type RoomTx,
  silence,
} from '../rooms/index.ts';
import { consequencesJob, type JudgedBadly } from '../safety/index.ts';
import { inForce } from './sanction-rows.ts';
import { recordSanction, type Recording } from './sanction-steps.ts';

/** Of one reason a person is warned once in this time, however much was on its way before they could read it. */
const WARN_EVERY_MS = 60_000;

interface Carry extends ChangeInput, JudgedBadly {
  jobId: string;
  user: PublicUser;
}

export interface ConsequenceDeps extends Recording {
  db: Database;
  ids: Ids;
  jobs: Jobs;
  committer: Committer;
  profiles: Profiles;
  news: ModeratorNews;
}

/** Takes on the jobs. Done again, one changes nothing: what it did is found in the trail. */
export function handleConsequences(deps: ConsequenceDeps): void {
  const { jobs, committer, profiles, news } = deps;

  const sanction = oneByOne('consequences', async (input: Carry, tx): Promise<void> => {
    const room = tx.room(input.roomId);
    if (room === undefined || (await isDone(tx.db, input, false))) return;
    const { user, messageId, consequences, jobId } = input;
    const [member] = await tx.members([{ roomId: room.room_id, userId: user.id }]);
    const rank = roomRole(room.kind as RightsKind, member?.left_at === null ? member.role : null, user.role);
    // Those who moderate are judged by those above them.
    if (member === undefined || (rank !== null && outranks(rank, 'member'))) return;
    for (const consequence of consequences) {
      const { type, reason, ruleId } = consequence;
      if (type === 'alert' || !(await isNews(tx, member, type, reason))) continue;
      const until = type === 'mute' ? tx.now + consequence.seconds * 1000 : null;
      if (type === 'mute') await silence(tx, room, member, until);
      const sanction = {
        sanction_id: deps.ids.uuid(),
        type,
        user_id: user.id,
        room_id: room.room_id,
        reason,
        until,
        imposed_by: null,
        created_at: tx.now,
      };
      const about = { roomName: room.name, tell: true, messageId, details: { ruleId, jobId } };
      const { told } = await recordSanction(deps, tx.db, sanction, about);
      if (told !== null) tx.emit(told.channel, told.frame);
    }
  });

  // Without the room: in a raid there are many of them, and those who talk there would wait for each.
  const alert = (judged: JudgedBadly, jobId: string): Promise<void> =>
    deps.db.transaction(async (db) => {
      if (await isDone(db, { ...judged, jobId }, true)) return;
      // One for each message, however many rules it broke.
      const [first, ...others] = judged.consequences.filter(({ type }) => type === 'alert');
      if (first === undefined) return;
      const { roomId, userId: targetId, messageId } = judged;
      const details = { ruleId: first.ruleId, jobId, alsoBroken: others.map(({ ruleId }) => ruleId) };
      const entry = { action: 'automod.alerted' as const, actorId: null, roomId, targetId, messageId };
      await deps.trail.record(db, { ...entry, reason: first.reason, details });
    });

  jobs.handle(consequencesJob, async (judged, jobId) => {
    const [user] = await profiles.publicUsers([judged.userId]);
    if (user === undefined) return;
    const alerts = judged.consequences.filter(({ type }) => type === 'alert');
    if (alerts.length < judged.consequences.length) {
      await committer.run(sanction, { ...judged, parentId: null, actorId: null, jobId, user });
    }
    if (alerts.length === 0) return;
    await alert(judged, jobId);
    news.tell('alert', judged.roomId);
  });
}

async function isDone(
  db: Queryable,
  { userId, jobId }: Pick<Carry, 'userId' | 'jobId'>,
  alerts: boolean,
): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT FROM safety.log
     WHERE target_id = $1 AND actor_id IS NULL AND details->>'jobId' = $2 AND (action = 'automod.alerted') = $3 LIMIT 1`,
    [userId, jobId, alerts],
  );
  return rows.length > 0;
}

// Messages that were on their way before somebody could know better do not add up: who is muted stays muted as long as
// before, and hears of one thing once.
async function isNews(
  tx: RoomTx,
  { room_id, user_id, silenced_until }: MemberRow,
  type: 'warn' | 'mute',
  reason: string,
): Promise<boolean> {
  if (type === 'mute') return (silenced_until ?? 0) <= tx.now;
  const warnings = await inForce(tx.db, { room_id, user_id, type }, tx.now);
  return !warnings.some(
    (row) => row.imposed_by === null && row.reason === reason && row.created_at > tx.now - WARN_EVERY_MS,
  );
}
