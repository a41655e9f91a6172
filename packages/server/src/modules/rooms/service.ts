import { createHash } from 'node:crypto';
import { badInput, type Member, type MemberRole, ProtocolError, type PublicUser, type Room } from '@confab/protocol';
import type { Actor } from '../../platform/actor.ts';
import type { Ids } from '../../platform/ids.ts';
import type { Profiles } from '../accounts/index.ts';
import { type Limits, roomChanges } from './changes.ts';
import type { Committer } from './committer.ts';

/** Changes to rooms and memberships. Every method is one atomic change, decided under the room's lock. */
export class RoomService {
  readonly #committer: Committer;
  readonly #profiles: Profiles;
  readonly #ids: Ids;
  readonly #changes: ReturnType<typeof roomChanges>;

  constructor(deps: { committer: Committer; profiles: Profiles; ids: Ids; limits: Limits }) {
    this.#committer = deps.committer;
    this.#profiles = deps.profiles;
    this.#ids = deps.ids;
    this.#changes = roomChanges(deps.limits);
  }

  /**
   * Makes a group with `actor` as its owner, and answers its id.
   * @throws ProtocolError not_found (field `memberIds.<i>`), room_full, too_many_rooms
   */
  async createGroup(
    actor: Actor,
    input: { name: string; topic: string; memberIds: readonly string[] },
  ): Promise<string> {
    const others = input.memberIds.filter((id) => id !== actor.userId);
    const [owner, ...members] = await this.#people([actor.userId, ...others], (i) => `memberIds.${i - 1}`);
    if (owner === undefined) throw new ProtocolError('not_found');
    const roomId = this.#ids.uuid();
    const { name, topic } = input;
    await this.#committer.run(this.#changes.createGroup, { roomId, owner, members, name, topic });
    return roomId;
  }

  /**
   * The direct room of `actor` and another person: the same one at every call, also under parallel calls of both.
   * @throws ProtocolError bad_input (oneself), not_found, too_many_rooms
   */
  async openDirect(actor: Actor, userId: string): Promise<string> {
    if (userId === actor.userId) throw badInput('userId', 'must be someone else');
    const [self, other] = await this.#people([actor.userId, userId], () => 'userId');
    if (self === undefined || other === undefined) throw new ProtocolError('not_found');
    const roomId = directRoomId(actor.userId, userId);
    await this.#committer.run(this.#changes.openDirect, { roomId, actorId: actor.userId, people: [self, other] });
    return roomId;
  }

  /** @throws ProtocolError not_found, forbidden */
  updateRoom(
    actor: Actor,
    roomId: string,
    change: { name?: string | undefined; topic?: string | undefined },
  ): Promise<Room> {
    return this.#committer.run(this.#changes.updateRoom, { roomId, actorId: actor.userId, ...change });
  }

  /** Hides the room from everyone, at once and for good. @throws ProtocolError not_found, forbidden */
  deleteRoom(actor: Actor, roomId: string): Promise<void> {
    return this.#committer.run(this.#changes.deleteRoom, { roomId, actorId: actor.userId });
  }

  /**
   * All or none are added; who is a member already stays as they are. Answers the new members.
   * @throws ProtocolError not_found (field `userIds.<i>`), forbidden, room_full, too_many_rooms
   */
  async addMembers(actor: Actor, roomId: string, userIds: readonly string[]): Promise<Member[]> {
    const users = await this.#people(userIds, (i) => `userIds.${i}`);
    return this.#committer.run(this.#changes.addMembers, { roomId, actorId: actor.userId, users });
  }

  /** @throws ProtocolError not_found, forbidden, last_owner */
  async updateMember(actor: Actor, roomId: string, userId: string, role: MemberRole): Promise<Member> {
    const user = await this.#person(userId);
    return this.#committer.run(this.#changes.updateMember, { roomId, actorId: actor.userId, user, role });
  }

  /**
   * Removes someone, or leaves. When the last owner goes, the next in rank and seniority becomes owner.
   * @throws ProtocolError not_found, forbidden
   */
  async removeMember(actor: Actor, roomId: string, userId: string): Promise<void> {
    const user = await this.#person(userId);
    const heirs = (ids: readonly string[]) => this.#profiles.publicUsers(ids);
    await this.#committer.run(this.#changes.removeMember, { roomId, actorId: actor.userId, user, heirs });
  }

  async #person(userId: string): Promise<PublicUser> {
    const [user] = await this.#profiles.publicUsers([userId]);
    if (user === undefined) throw new ProtocolError('not_found');
    return user;
  }

  // The profiles in the order of the ids, each there or the whole refused.
  async #people(userIds: readonly string[], field: (index: number) => string): Promise<PublicUser[]> {
    const found = new Map((await this.#profiles.publicUsers(userIds)).map((user) => [user.id, user]));
    return userIds.map((id, i) => {
      const user = found.get(id);
      if (user === undefined) {
        throw new ProtocolError('not_found', { fields: [{ field: field(i), problem: 'is nobody' }] });
      }
      return user;
    });
  }
}

/**
 * One id per pair, the same whoever asks: the pair's uniqueness is the primary key's. A UUIDv8 (RFC 9562, custom) over
 * SHA-256 of both ids. It can be computed by anyone who knows both, and gives no access.
 */
function directRoomId(a: string, b: string): string {
  const [low, high] = a < b ? [a, b] : [b, a];
  const hex = createHash('sha256').update(`direct:${low}:${high}`).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}
