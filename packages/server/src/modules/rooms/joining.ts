/** Becoming a member by oneself: of a public room, of a language room, of a thread, or by an invitation. */
import { ProtocolError, type PublicUser } from '@confab/protocol';
import type { Announce } from './announce.ts';
import type { Candidate } from './candidates.ts';
import { addNewcomers, type Limits, refuseGuests } from './changes.ts';
import { type ChangeInput, oneByOne } from './committer.ts';
import { findInvite, isUsable } from './invite-rows.ts';
import { join } from './membership.ts';
import { may } from './policy.ts';
import { type RoomTx, seatOf } from './room-tx.ts';
import type { MemberRow, RoomRow } from './rows.ts';

interface BySelf extends ChangeInput<string> {
  person: Candidate;
}

/** Who is let into the rooms of lounges; asked under the room's lock. Belongs to lounges, which lie above. */
export interface Gate {
  /** @throws ProtocolError to whoever may not come in */
  admit(tx: RoomTx, room: RoomRow, user: PublicUser): Promise<void>;
  /** They have become a member. */
  entered(tx: RoomTx, room: RoomRow, user: PublicUser): Promise<void>;
}

/** Somebody came in by themselves, and is a member by now. Belongs to moderation, which lies above. */
export type Joined = (tx: RoomTx, room: RoomRow) => Promise<void>;

/** Who is there already stays as they are. Of rooms that are not open to everyone, and not theirs, people learn nothing. */
export function joinRoomChange(limits: Limits, gate: Gate, joined: Joined) {
  return oneByOne('joinRoom', async (input: BySelf, tx): Promise<void> => {
    const room = tx.room(input.roomId);
    const { person } = input;
    if (room?.kind === 'thread') return follow(tx, room, person);
    if (room === undefined) throw new ProtocolError('not_found');
    const member = await memberOf(tx, room, person);
    if (isPresent(member)) return;
    if (room.kind === 'public') refuseGuests([person]);
    else if (room.kind === 'language') await gate.admit(tx, room, person.user);
    else throw new ProtocolError('not_found');
    if (room.archived_at !== null) throw new ProtocolError('room_archived');
    if (room.locked_at !== null && !hasOffice(room, person, tx.now)) throw new ProtocolError('room_locked');
    await addNewcomers(tx, room, [person], { known: member, limits });
    if (room.kind === 'language') await gate.entered(tx, room, person.user);
    await joined(tx, room);
  });
}

/**
 * Uses are counted under the room's lock, so they never pass `max_uses`. Only who is not a member yet uses one up;
 * therefore a retry after a lost answer succeeds, even when the first try took the last use. `isOffered`: whoever made it may
 * use their account.
 */
export function acceptInviteChange(limits: Limits, announce: Announce, joined: Joined) {
  return oneByOne('acceptInvite', async (input: BySelf & { code: string; isOffered: boolean }, tx): Promise<void> => {
    const room = tx.room(input.roomId);
    const invite = await findInvite(tx.db, input.code);
    if (room === undefined || invite === undefined) throw new ProtocolError('invite_invalid');
    const member = await memberOf(tx, room, input.person);
    if (isPresent(member)) return;
    if (!input.isOffered || !isUsable(invite, tx.now)) throw new ProtocolError('invite_invalid');
    refuseGuests([input.person]);
    if (room.archived_at !== null) throw new ProtocolError('room_archived');
    if (room.locked_at !== null && !hasOffice(room, input.person, tx.now)) throw new ProtocolError('room_locked');
    await addNewcomers(tx, room, [input.person], { known: member, limits });
    await tx.db.query('UPDATE chat.invites SET uses = uses + 1 WHERE room_id = $1 AND invite_id = $2', [
      invite.room_id,
      invite.invite_id,
    ]);
    const userId = input.person.user.id;
    if (room.kind === 'group') await announce(tx, room, { type: 'joined', actorId: userId, userId });
    await joined(tx, room);
  });
}

/**
 * Makes a member of the room that a thread hangs on one who follows it. Idempotent.
 * @throws ProtocolError not_found, forbidden to who may read it by their office alone: they would follow it still once
 * that is gone
 */
export async function follow(tx: RoomTx, thread: RoomRow, person: Candidate): Promise<void> {
  const { id, role } = person.user;
  const { member } = await tx.enter({ roomId: thread.room_id, actorId: id, actorRole: role });
  if (member !== null) return;
  const parent = tx.governing(thread);
  if (parent === undefined || !isPresent(await memberOf(tx, parent, person))) throw new ProtocolError('forbidden');
  await join(tx, thread, [{ ...person, role: 'member' }], await memberOf(tx, thread, person));
}

/** Their membership, also one that they have left; none if they never were there. */
function memberOf(tx: RoomTx, room: RoomRow, { user }: Candidate): Promise<MemberRow[]> {
  return tx.members([{ roomId: room.room_id, userId: user.id }]);
}

function isPresent(memberships: readonly MemberRow[]): boolean {
  return memberships.some(({ left_at }) => left_at === null);
}

function hasOffice(room: RoomRow, { user }: Candidate, now: number): boolean {
  const seat = seatOf(room, null, user.role, now);
  return seat !== null && may('moderate', seat);
}
