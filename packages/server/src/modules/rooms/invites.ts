/** Invitation links: whoever holds the code may join. */
import { badInput, type Invite, LIMITS, ProtocolError, type Room } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Profiles } from '../accounts/index.ts';
import { accessRoom } from './access.ts';
import type { Announce } from './announce.ts';
import { candidate } from './candidates.ts';
import type { Limits } from './changes.ts';
import { type ChangeInput, type Committer, oneByOne } from './committer.ts';
import type { By } from './room-tx.ts';
import type { RoomDirectory } from './directory.ts';
import { findInvite, type InviteRow, invitesOf, isUsable, presentInvite } from './invite-rows.ts';
import { acceptInviteChange, type Joined } from './joining.ts';
import { demand, may, type Seat } from './policy.ts';
import { presentRoom, type RoomRow } from './rows.ts';

/** 144 bits: guessing one is hopeless. */
const CODE_BYTES = 18;

export interface InviteDeps {
  db: Database;
  committer: Committer;
  directory: RoomDirectory;
  profiles: Profiles;
  ids: Ids;
  clock: Clock;
  limits: Limits;
  announce: Announce;
  joined: Joined;
}

interface Create extends ChangeInput<string>, By {
  inviteId: string;
  code: string;
  expiresAt: number | null;
  maxUses: number | null;
}

const create = oneByOne('createInvite', async (input: Create, tx): Promise<Invite> => {
  const { room, seat } = await tx.enter(input);
  if (room.kind === 'thread') throw new ProtocolError('forbidden');
  demand('invite', seat);
  if (input.expiresAt !== null && input.expiresAt <= tx.now) throw badInput('expiresAt', 'must be in the future');
  // Or a room could gather any number of them. Used up ones stay, for those whose answer was lost.
  await tx.db.query('DELETE FROM chat.invites WHERE room_id = $1 AND expires_at <= $2', [
    room.room_id,
    new Date(tx.now),
  ]);
  const known = await invitesOf(tx.db, room.room_id);
  if (known.filter((row) => isUsable(row, tx.now)).length >= LIMITS.invitesPerRoom) {
    throw new ProtocolError('limit_reached');
  }
  const inserted = await tx.db.query<Parameters<typeof presentInvite>[0]>(
    `INSERT INTO chat.invites (room_id, invite_id, code, created_by, created_at, expires_at, max_uses)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *`,
    [
      room.room_id,
      input.inviteId,
      input.code,
      input.actorId,
      new Date(tx.now),
      input.expiresAt === null ? null : new Date(input.expiresAt),
      input.maxUses,
    ],
  );
  const [row] = inserted.rows;
  if (row === undefined) throw new Error('an invitation that was just inserted is missing');
  return presentInvite(row);
});

/** One's own, or as a moderator anyone's. */
const revoke = oneByOne('revokeInvite', async (input: ChangeInput & By & { inviteId: string }, tx): Promise<void> => {
  const { room, seat } = await tx.enter(input);
  demand('invite', evenArchived(seat));
  const key = [room.room_id, input.inviteId];
  const { rows } = await tx.db.query<{ created_by: string }>(
    'SELECT created_by FROM chat.invites WHERE room_id = $1 AND invite_id = $2',
    key,
  );
  const [row] = rows;
  if (row === undefined) throw new ProtocolError('not_found');
  if (row.created_by !== input.actorId && !may('removeMembers', seat)) throw new ProtocolError('forbidden');
  await tx.db.query('DELETE FROM chat.invites WHERE room_id = $1 AND invite_id = $2', key);
});

export class InviteService {
  readonly #deps: InviteDeps;
  readonly #accept: ReturnType<typeof acceptInviteChange>;

  constructor(deps: InviteDeps) {
    this.#deps = deps;
    this.#accept = acceptInviteChange(deps.limits, deps.announce, deps.joined);
  }

  /** @throws ProtocolError not_found, forbidden, room_archived, limit_reached, bad_input (expiresAt) */
  async create(
    actor: Actor,
    roomId: string,
    input: { expiresAt: number | null; maxUses: number | null },
  ): Promise<Invite> {
    const { committer, directory, ids } = this.#deps;
    const made = { inviteId: ids.uuid(), code: ids.token(CODE_BYTES) };
    return committer.run(create, { ...(await directory.inputBy(actor, roomId)), ...made, ...input });
  }

  /** Those that can still be used, the newest first. @throws ProtocolError not_found, forbidden */
  async list(actor: Actor, roomId: string): Promise<Invite[]> {
    const { seat } = await accessRoom(this.#deps.db, actor, roomId, 'read');
    demand('invite', evenArchived(seat));
    const rows = await this.#offered(await invitesOf(this.#deps.db, roomId));
    const now = this.#deps.clock.now();
    return rows.filter((row) => isUsable(row, now)).map(presentInvite);
  }

  /** At once: who accepts it afterwards is refused. @throws ProtocolError not_found, forbidden */
  async revoke(actor: Actor, roomId: string, inviteId: string): Promise<void> {
    const by = await this.#deps.directory.inputBy(actor, roomId);
    return this.#deps.committer.run(revoke, { ...by, inviteId });
  }

  /** What a code leads to. Why it leads nowhere is not told. @throws ProtocolError invite_invalid */
  async preview(actor: Actor, code: string): Promise<{ room: Room; joined: boolean }> {
    const { db, clock } = this.#deps;
    const invite = await findInvite(db, code);
    if (invite === undefined || !isUsable(invite, clock.now()) || !(await this.#isOffered(invite)))
      throw new ProtocolError('invite_invalid');
    const { rows } = await db.query<RoomRow & { joined: boolean }>(
      `SELECT r.*, EXISTS (SELECT FROM chat.members m
                           WHERE m.room_id = r.room_id AND m.user_id = $2 AND m.left_at IS NULL) AS joined
       FROM chat.rooms r WHERE r.room_id = $1 AND r.deleted_at IS NULL`,
      [invite.room_id, actor.userId],
    );
    const [room] = rows;
    if (room === undefined) throw new ProtocolError('invite_invalid');
    return { room: presentRoom(room), joined: room.joined };
  }

  /**
   * Joins, and answers the room's id. Who is a member already uses nothing up.
   * @throws ProtocolError invite_invalid, members_only, banned_here, room_full, room_locked, too_many_rooms, room_archived
   */
  async accept(actor: Actor, code: string): Promise<string> {
    const { db, committer } = this.#deps;
    const invite = await findInvite(db, code);
    if (invite === undefined) throw new ProtocolError('invite_invalid');
    const { room_id: roomId } = invite;
    const [person, isOffered] = await Promise.all([candidate(this.#deps, actor.userId), this.#isOffered(invite)]);
    const by = { roomId, parentId: null, actorId: actor.userId };
    await committer.run(this.#accept, { ...by, person, code, isOffered });
    return roomId;
  }

  // Those of people who may not use their accounts lead nowhere meanwhile.
  async #offered(invites: readonly InviteRow[]): Promise<InviteRow[]> {
    const out = await this.#deps.profiles.shutOut([...new Set(invites.map((row) => row.created_by))]);
    return invites.filter((row) => !out.has(row.created_by));
  }

  async #isOffered(invite: InviteRow): Promise<boolean> {
    return (await this.#offered([invite])).length > 0;
  }
}

// The invitations of an archived room can still be looked at and ended.
function evenArchived(seat: Seat): Seat {
  return { ...seat, archived: false };
}
