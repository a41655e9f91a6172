/** What is done to somebody in a room, as the committer runs it: decided under the room's lock, then written. */
import {
  badInput,
  isHigher,
  ProtocolError,
  type PublicUser,
  type Role,
  type SanctionType,
  type Standing,
  standsAbove,
} from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import type { Profiles } from '../accounts/index.ts';
import type { RemovalBatch } from '../messages/index.ts';
import {
  type Announce,
  type By,
  type ChangeInput,
  demand,
  type Entered,
  expel,
  keepOut,
  letIn,
  type MemberRow,
  oneByOne,
  type RoomRow,
  type RoomTx,
  type Seat,
  silence,
  UNTIL_LIFTED,
} from '../rooms/index.ts';
import { othersWhoMay } from './appeal-judges.ts';
import { inForce, isInForce, lockSanction, type SanctionRow } from './sanction-rows.ts';
import { type Decision, recordDecision, recordSanction, type Recording, type Told } from './sanction-steps.ts';

export interface RoomSanctionDeps extends Recording {
  announce: Announce;
  profiles: Pick<Profiles, 'able'>;
}

interface Impose extends ChangeInput<string>, By {
  sanctionId: string;
  user: PublicUser;
  type: SanctionType;
  reason: string;
  until: number | null;
  /** Others who may have an office where everyone may come in. */
  officers: readonly PublicUser[];
}

interface Settle extends ChangeInput<string>, By {
  sanctionId: string;
  user: PublicUser;
  /** Whoever imposed it, with their role on the whole instance; null: automod. */
  imposer: { id: string; role: Role } | null;
  /** Others who may have an office where everyone may come in. */
  officers: readonly PublicUser[];
  reason: string;
  appeal: Decision['appeal'];
}

interface SettleUnmoderated extends ChangeInput {
  userId: string;
  type: SanctionType;
  /** Decides the sanction, which is for officers of the instance; answers whether it ends. */
  decide: (db: Queryable) => Promise<{ ends: boolean; told: Told | null }>;
}

export function roomSanctionChanges(deps: RoomSanctionDeps) {
  /**
   * Of a person not in the room, whom only a ban concerns. A notice goes to whoever is a member, and once to whoever was one:
   * rooms are no way to write to strangers, or to those who left.
   */
  const impose = oneByOne('sanction', async (input: Impose, tx): Promise<SanctionRow> => {
    const { room, seat } = await tx.enter(input);
    demand('moderate', seat);
    const { user, type, until, reason, actorId } = input;
    const [member] = await tx.members([{ roomId: room.room_id, userId: user.id }]);
    demandRank(seat, actorId, user, member);
    if (until !== null && until <= tx.now) throw badInput('until', 'must be in the future');
    const present = member?.left_at === null ? member : undefined;
    if (type === 'kick' ? present === undefined : type !== 'ban' && member === undefined) {
      throw new ProtocolError('not_found');
    }
    await demandFree(tx, input, seat);
    const tell = member !== undefined && !(await isToldOff(tx, member));
    if (type === 'mute' && member !== undefined) await silence(tx, room, member, until ?? UNTIL_LIFTED);
    if ((type === 'kick' || type === 'ban') && present !== undefined) {
      await expel(tx, room, present, user, deps.announce);
    }
    if (type === 'ban') await keepOut(tx, room, user.id, { until, reason, by: actorId });
    const sanction = {
      sanction_id: input.sanctionId,
      type,
      user_id: user.id,
      room_id: room.room_id,
      reason,
      until,
      imposed_by: actorId,
      created_at: tx.now,
    };
    const about = { roomName: room.name, tell };
    const { row, told } = await recordSanction(deps, tx.db, sanction, about);
    if (told !== null) tx.emit(told.channel, told.frame);
    return row;
  });

  /** Lifts a sanction, which is idempotent, or decides the appeal against it. */
  const settle = oneByOne('settleSanction', async (input: Settle, tx): Promise<SanctionRow> => {
    const { room, seat } = await tx.enter(input);
    demand('moderate', seat);
    const { user, imposer, actorId, appeal, reason } = input;
    const people = [user.id, ...(imposer === null ? [] : [imposer.id])];
    const members = await tx.members(people.map((userId) => ({ roomId: room.room_id, userId })));
    const memberOf = (userId: string) => members.find((row) => row.user_id === userId);
    demandRank(seat, actorId, user, memberOf(user.id));
    // What was decided higher up is not for those below to undo.
    if (imposer !== null && isHigher(seat.rights, standingOf(imposer.role, memberOf(imposer.id)), seat)) {
      throw new ProtocolError('forbidden');
    }
    const sanction = await lockSanction(tx.db, input.sanctionId);
    if (appeal === null && sanction.lifted_at !== null) return sanction;
    if (appeal !== null) {
      demandOpen(sanction);
      if (imposer?.id === actorId && (await couldOthers(tx, room, input, seat, deps))) {
        throw new ProtocolError('forbidden');
      }
    }
    if (appeal !== 'refused' && isInForce(sanction, tx.now)) {
      const member = memberOf(user.id);
      if (sanction.type === 'mute' && member !== undefined) await silence(tx, room, member, null);
      if (sanction.type === 'ban') await letIn(tx, room, user.id);
    }
    const decision = { actorId, reason, appeal };
    // Of what somebody was not told they are not told that it is over.
    const tell = appeal !== null || (await isNoticed(tx.db, user.id, sanction.sanction_id));
    const about = { roomName: room.name, now: tx.now, tell };
    const { row, told } = await recordDecision(deps, tx.db, sanction, decision, about);
    if (told !== null) tx.emit(told.channel, told.frame);
    return row;
  });

  /** The same where nobody moderates: among strangers, or where the room is gone and there is nothing left to end. */
  const settleUnmoderated = oneByOne('settleUnmoderated', async (input: SettleUnmoderated, tx): Promise<void> => {
    const { ends, told } = await input.decide(tx.db);
    const room = tx.room(input.roomId);
    if (ends && input.type === 'mute' && room !== undefined) {
      const [member] = await tx.members([input]);
      if (member !== undefined) await silence(tx, room, member, null);
    }
    if (told !== null) tx.emit(told.channel, told.frame);
  });

  return { impose, settle, settleUnmoderated };
}

/** Whether the actor may delete all that somebody wrote, in a room or a thread of it. @throws ProtocolError forbidden */
export async function demandRemoval(
  { room, seat }: Entered,
  { actorId, user }: By & { user: PublicUser },
  tx: RoomTx,
): Promise<void> {
  demand('moderate', seat);
  const [member] = await tx.members([{ roomId: room.parent_room_id ?? room.room_id, userId: user.id }]);
  demandRank(seat, actorId, user, member);
}

/** What of somebody's messages was removed stands in the trail with the batch that did it; of the first they are told. */
export async function recordRemoval(
  { trail, notices }: Recording,
  { room }: Entered,
  { actorId, user, reason, since, count, isFirst }: RemovalBatch,
  tx: RoomTx,
): Promise<void> {
  const governing = tx.governing(room) ?? room;
  const about = { roomId: governing.room_id, reason };
  // One thing of a removal that was made of several.
  const details = { count, since, ...(room.kind === 'thread' && { threadId: room.room_id }) };
  await trail.record(tx.db, { action: 'messages.removed', actorId, targetId: user.id, ...about, details });
  if (!isFirst) return;
  const { channel, frame } = await notices.add(tx.db, user.id, {
    type: 'messages_removed',
    roomName: governing.name,
    ...about,
  });
  tx.emit(channel, frame);
}

/** Nobody moderates upwards, their equals or themselves. @throws ProtocolError forbidden */
function demandRank(seat: Seat, actorId: string, user: PublicUser, member: MemberRow | undefined): void {
  if (user.id === actorId || !standsAbove(seat.rights, seat, standingOf(user.role, member))) {
    throw new ProtocolError('forbidden');
  }
}

/** @throws ProtocolError not_found when there is no appeal, already_decided */
export function demandOpen(sanction: SanctionRow): void {
  if (sanction.appeal_state === null) throw new ProtocolError('not_found');
  if (sanction.appeal_state !== 'open') throw new ProtocolError('already_decided');
}

// What somebody is in the room now; whoever has left it is nothing there any more.
function standingOf(instance: Role, member: MemberRow | undefined): Standing {
  return { role: member?.left_at === null ? member.role : null, instance };
}

// Whoever has left a room has no other way not to hear from it any more.
async function isToldOff(tx: RoomTx, { user_id, room_id, left_at }: MemberRow): Promise<boolean> {
  if (left_at === null) return false;
  const { rows } = await tx.db.query(
    'SELECT FROM safety.notices WHERE user_id = $1 AND room_id = $2 AND created_at >= $3 LIMIT 1',
    [user_id, room_id, new Date(left_at)],
  );
  return rows.length > 0;
}

async function isNoticed(db: Queryable, userId: string, sanctionId: string): Promise<boolean> {
  const { rows } = await db.query('SELECT FROM safety.notices WHERE user_id = $1 AND sanction_id = $2 LIMIT 1', [
    userId,
    sanctionId,
  ]);
  return rows.length > 0;
}

// What was decided higher up is not for those below to put another one in its place, which would be theirs to lift.
async function demandFree(tx: RoomTx, { roomId, user, type, officers }: Impose, seat: Seat): Promise<void> {
  if (type !== 'mute' && type !== 'ban') return;
  const [before] = await inForce(tx.db, { user_id: user.id, room_id: roomId, type }, tx.now);
  if (before === undefined || before.imposed_by === null) return;
  const [imposer] = await tx.members([{ roomId, userId: before.imposed_by }]);
  const office = officers.find(({ id }) => id === before.imposed_by)?.role ?? 'user';
  if (isHigher(seat.rights, standingOf(office, imposer), seat)) throw new ProtocolError('forbidden');
}

// Whether somebody else could decide the appeal against what the actor did, and is able to.
async function couldOthers(
  tx: RoomTx,
  room: RoomRow,
  { officers, user, actorId, actorRole }: Settle,
  seat: Seat,
  { profiles }: RoomSanctionDeps,
): Promise<boolean> {
  const { rows } = await tx.db.query<MemberRow>(
    `SELECT * FROM chat.members
     WHERE room_id = $1 AND left_at IS NULL AND (role <> 'member' OR user_id = ANY($2::uuid[]))`,
    [room.room_id, [user.id, actorId]],
  );
  const offices = new Map([...officers, user, { id: actorId, role: actorRole }].map(({ id, role }) => [id, role]));
  const roles = new Map(rows.map((row) => [row.user_id, row]));
  const people = [...new Set([...roles.keys(), ...offices.keys()])];
  const standings = new Map(people.map((id) => [id, standingOf(offices.get(id) ?? 'user', roles.get(id))]));
  return (await profiles.able(othersWhoMay(seat.rights, standings, { by: actorId, about: user.id }))).size > 0;
}
