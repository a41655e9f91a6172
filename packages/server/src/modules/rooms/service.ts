import {
  badInput,
  type Member,
  type MemberRole,
  type MyMembership,
  type NotifyLevel,
  ProtocolError,
  type PublicUser,
  type Room,
} from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Ids } from '../../platform/ids.ts';
import type { PersonalData } from '../../platform/personal-data.ts';
import type { Profiles } from '../accounts/index.ts';
import type { Automod, Blocks, ModerationLog, Notices, Silences } from '../safety/index.ts';
import type { Announce } from './announce.ts';
import { publicRooms } from './browse.ts';
import { accessRoom } from './access.ts';
import { type Candidate, candidate, candidates } from './candidates.ts';
import { type Limits, type Parted, roomChanges } from './changes.ts';
import type { Committer } from './committer.ts';
import type { RoomDirectory } from './directory.ts';
import { type Gate, type Joined, joinRoomChange } from './joining.ts';
import { membershipChanges } from './my-changes.ts';
import { roomsPersonalData } from './personal-data.ts';
import { someAtATime, Sweeps } from './sweeps.ts';
import { directRoomId } from './threads.ts';

/** Longer than clocks of nodes differ and a commit takes, taken together. */
const RECENTLY_MS = 60_000;

export interface RoomDeps {
  db: Database;
  committer: Committer;
  directory: RoomDirectory;
  profiles: Profiles;
  blocks: Blocks;
  silences: Silences;
  ids: Ids;
  clock: Clock;
  limits: Limits;
  announce: Announce;
  gate: Gate;
  joined: Joined;
  parted: Parted;
  trail: ModerationLog;
  notices: Notices;
  automod: Pick<Automod, 'demandWording'>;
}

/** Changes to rooms and memberships. Every method is one atomic change, decided under the room's lock. */
export class RoomService {
  readonly personalData: PersonalData;
  readonly #deps: RoomDeps;
  readonly #changes: ReturnType<typeof roomChanges>;
  readonly #join: ReturnType<typeof joinRoomChange>;
  readonly #mine: ReturnType<typeof membershipChanges>;
  readonly #sweeps = new Sweeps();
  /** By person: those with whom they share rooms that are to be counted anew. */
  readonly #recounting = new Map<string, Set<string>>();

  constructor(deps: RoomDeps) {
    this.#deps = deps;
    this.personalData = roomsPersonalData(deps.db, (userId, roomId) =>
      this.removeMember({ userId, role: 'user' }, roomId, userId),
    );
    this.#changes = roomChanges(deps.limits, deps.announce, deps.parted, deps);
    this.#join = joinRoomChange(deps.limits, deps.gate, deps.joined);
    this.#mine = membershipChanges();
  }

  /**
   * Makes a group or public room with `actor` as its owner, and answers its id.
   * @throws ProtocolError not_found (field `memberIds.<i>`), blocked by one of them, forbidden by one of them, room_full,
   * too_many_rooms, silenced, text_rejected
   */
  async createRoom(
    actor: Actor,
    input: { kind: 'group' | 'public'; name: string; topic: string; memberIds: readonly string[] },
  ): Promise<string> {
    await this.#deps.silences.demandVoice(actor.userId);
    const others = input.memberIds.filter((id) => id !== actor.userId);
    const [owner, ...members] = await candidates(this.#deps, [actor.userId, ...others], (i) => `memberIds.${i - 1}`);
    if (owner === undefined) throw new ProtocolError('not_found');
    await this.#refuseBlockers(actor, others);
    const welcoming = await this.#welcoming(actor, members);
    if (members.some(({ user }) => !welcoming.has(user.id))) throw new ProtocolError('forbidden');
    const roomId = this.#deps.ids.uuid();
    const { kind, name, topic } = input;
    const change = { roomId, parentId: null, actorId: actor.userId, kind, owner, members, name, topic };
    await this.#deps.committer.run(this.#changes.createGroup, change);
    return roomId;
  }

  /**
   * The direct room of `actor` and another person: the same one at every call, also under parallel calls of both.
   * @throws ProtocolError bad_input (oneself), not_found, blocked, forbidden (there is none yet, and they let only others
   * begin one), too_many_rooms, silenced
   */
  async openDirect(actor: Actor, userId: string): Promise<string> {
    if (userId === actor.userId) throw badInput('userId', 'must be someone else');
    await this.#deps.silences.demandVoice(actor.userId);
    const [self, other] = await candidates(this.#deps, [actor.userId, userId], () => 'userId');
    if (self === undefined || other === undefined) throw new ProtocolError('not_found');
    if (await this.#deps.blocks.between(actor.userId, userId)) throw new ProtocolError('blocked');
    const roomId = directRoomId(actor.userId, userId);
    const welcome = (await this.#welcoming(actor, [other])).has(userId);
    const change = { roomId, parentId: null, actorId: actor.userId, people: [self, other] as const, welcome };
    await this.#deps.committer.run(this.#changes.openDirect, change);
    return roomId;
  }

  /** @throws ProtocolError not_found, forbidden, room_archived, silenced, text_rejected */
  async updateRoom(
    actor: Actor,
    roomId: string,
    change: {
      name?: string | undefined;
      topic?: string | undefined;
      avatar?: string | null | undefined;
      archived?: boolean | undefined;
    },
  ): Promise<Room> {
    return this.#deps.committer.run(this.#changes.updateRoom, {
      ...(await this.#deps.directory.inputBy(actor, roomId)),
      ...change,
    });
  }

  /**
   * Hides the room from everyone, at once and for good. @param reason for others who own it
   * @throws ProtocolError not_found, forbidden
   */
  async deleteRoom(actor: Actor, roomId: string, reason?: string): Promise<void> {
    const by = await this.#deps.directory.inputBy(actor, roomId);
    return this.#deps.committer.run(this.#changes.deleteRoom, { ...by, reason: reason ?? null });
  }

  /**
   * All or none are added; who is a member already stays as they are. Answers the new members.
   * @throws ProtocolError not_found (field `userIds.<i>`), blocked by one of them, forbidden, also by one of them, members_only
   * of guests, room_full, too_many_rooms, room_archived
   */
  async addMembers(actor: Actor, roomId: string, userIds: readonly string[]): Promise<Member[]> {
    // A room one is not in does not exist, whoever is to be added.
    await accessRoom(this.#deps.db, actor, roomId, 'read');
    const people = await candidates(this.#deps, userIds, (i) => `userIds.${i}`);
    await this.#refuseBlockers(actor, userIds);
    return this.#deps.committer.run(this.#changes.addMembers, {
      ...(await this.#deps.directory.inputBy(actor, roomId)),
      people,
      welcoming: await this.#welcoming(actor, people),
    });
  }

  /** As `publicRooms`. @throws ProtocolError bad_input (cursor) */
  browse(actor: Actor, request: Parameters<typeof publicRooms>[2]): ReturnType<typeof publicRooms> {
    return publicRooms(this.#deps.db, actor, request);
  }

  /**
   * Joins a public room or a language room, or follows a thread of a room one is in. Who is in it already stays as they are.
   * @throws ProtocolError not_found, forbidden, members_only, age_confirmation_required, banned_here, room_full, room_locked,
   * too_many_rooms, room_archived
   */
  async join(actor: Actor, roomId: string): Promise<void> {
    const [person, parentId] = await Promise.all([
      candidate(this.#deps, actor.userId),
      this.#deps.directory.parentOf(roomId),
    ]);
    await this.#deps.committer.run(this.#join, { roomId, parentId, actorId: actor.userId, person });
  }

  /** @throws ProtocolError not_found, forbidden, last_owner */
  async updateMember(actor: Actor, roomId: string, userId: string, role: MemberRole): Promise<Member> {
    const user = await this.#person(userId);
    return this.#deps.committer.run(this.#changes.updateMember, {
      ...(await this.#deps.directory.inputBy(actor, roomId)),
      user,
      role,
    });
  }

  /**
   * Removes someone, or leaves; out of a room is out of its threads. When the last owner goes, the next in rank and
   * seniority becomes owner.
   * @throws ProtocolError not_found, forbidden
   */
  async removeMember(actor: Pick<Actor, 'userId' | 'role'>, roomId: string, userId: string): Promise<void> {
    const user = await this.#person(userId);
    const heirs = (ids: readonly string[]) => this.#deps.profiles.publicUsers(ids);
    await this.#deps.committer.run(this.#changes.removeMember, {
      ...(await this.#deps.directory.inputBy(actor, roomId)),
      user,
      heirs,
    });
  }

  /** Changes what only `actor` sees of the room. Idempotent. @throws ProtocolError not_found */
  async updateMe(
    actor: Actor,
    roomId: string,
    change: {
      notify?: NotifyLevel | undefined;
      mutedUntil?: number | null | undefined;
      favourite?: boolean | undefined;
      markedUnread?: boolean | undefined;
    },
  ): Promise<MyMembership> {
    return this.#deps.committer.run(this.#mine.update, {
      ...(await this.#deps.directory.inputBy(actor, roomId)),
      ...change,
    });
  }

  /** Who left which room within the last minute and is not in it again. */
  async leftRecently(): Promise<{ roomId: string; userId: string }[]> {
    const { rows } = await this.#deps.db.query<{ room_id: string; user_id: string }>(
      { name: 'rooms.left_recently', text: 'SELECT room_id, user_id FROM chat.members WHERE left_at > $1' },
      [new Date(this.#deps.clock.now() - RECENTLY_MS)],
    );
    return rows.map((row) => ({ roomId: row.room_id, userId: row.user_id }));
  }

  /** Counts anew what awaits `userId` in the rooms they share with `otherId`, and tells their connections. */
  recountShared(userId: string, otherId: string): Promise<void> {
    const others = this.#recounting.get(userId) ?? new Set<string>();
    this.#recounting.set(userId, others.add(otherId));
    return this.#sweeps.run(userId, async () => {
      const met = [...(this.#recounting.get(userId) ?? [])];
      this.#recounting.delete(userId);
      const { rows } = await this.#deps.db.query<{ room_id: string; parent_room_id: string | null }>(
        `SELECT r.room_id, r.parent_room_id FROM chat.members a JOIN chat.rooms r USING (room_id)
         WHERE a.user_id = $1 AND a.left_at IS NULL AND r.deleted_at IS NULL
           AND EXISTS (SELECT FROM chat.members b WHERE b.room_id = a.room_id AND b.user_id = ANY($2::uuid[]))`,
        [userId, met],
      );
      await someAtATime(rows, ({ room_id: roomId, parent_room_id: parentId }) =>
        this.#deps.committer.run(this.#mine.recount, { roomId, parentId, actorId: userId }),
      );
    });
  }

  /**
   * Of these people those who let `actor` begin a conversation with them: a direct one, or one in a room that they are put
   * into, which is the same in the end.
   */
  async #welcoming(actor: Actor, people: readonly Candidate[]): Promise<ReadonlySet<string>> {
    const asked = people.filter(({ directFrom }) => directFrom === 'shared_rooms').map(({ user }) => user.id);
    const sharing = new Set(asked.length === 0 ? [] : await this.#sharing(actor.userId, asked));
    const welcoming = people.filter(({ user, directFrom }) => directFrom === 'everyone' || sharing.has(user.id));
    return new Set([actor.userId, ...welcoming.map(({ user }) => user.id)]);
  }

  async #sharing(userId: string, others: readonly string[]): Promise<string[]> {
    const { rows } = await this.#deps.db.query<{ user_id: string }>(
      `SELECT DISTINCT b.user_id FROM chat.members a JOIN chat.members b USING (room_id) JOIN chat.rooms r USING (room_id)
       WHERE a.user_id = $1 AND b.user_id = ANY($2::uuid[]) AND a.left_at IS NULL AND b.left_at IS NULL
         AND r.kind IN ('group', 'public') AND r.deleted_at IS NULL`,
      [userId, others],
    );
    return rows.map((row) => row.user_id);
  }

  // Nobody is brought together with whom they block, by the very person: it would be a way round the block.
  async #refuseBlockers(actor: Actor, userIds: readonly string[]): Promise<void> {
    const blockers = (await this.#deps.blocks.blockersOf([actor.userId])).get(actor.userId);
    if (userIds.some((id) => blockers?.has(id))) throw new ProtocolError('blocked');
  }

  async #person(userId: string): Promise<PublicUser> {
    const [user] = await this.#deps.profiles.publicUsers([userId]);
    if (user === undefined) throw new ProtocolError('not_found');
    return user;
  }
}
