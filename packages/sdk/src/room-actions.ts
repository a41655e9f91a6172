/** What can be done in a room by one call. Each resolves once the server has carried it out. */
import type { Invite, Member, MemberRole, Message, PublicUser, RouteName, ScheduledMessage } from '@confab/protocol';
import { newClientId } from './client-id.ts';
import type { CallInput, CallOutput } from './http.ts';
import type { RoomCore } from './room-core.ts';
import type { RoomHost } from './room-host.ts';

type BodyOf<N extends RouteName> = CallInput<N> extends { body?: infer B } ? NonNullable<B> : never;

export class RoomActions {
  readonly id: string;
  protected readonly core: RoomCore;
  protected readonly host: RoomHost;

  constructor(core: RoomCore, host: RoomHost) {
    this.id = core.id;
    this.core = core;
    this.host = host;
  }

  // ---- messages

  /** Changes the body of my message. @throws ConfabError forbidden, message_deleted, slow_mode, limit_reached, network */
  async edit(messageId: string, body: string): Promise<Message> {
    return this.#learn(await this.host.request('message:edit', { roomId: this.id, messageId, body }));
  }

  /** Deletes for everyone. @param reason for the author of somebody else's @throws ConfabError forbidden, network */
  async delete(messageId: string, reason?: string): Promise<Message> {
    return this.#learn(await this.host.request('message:delete', { roomId: this.id, messageId, reason }));
  }

  /** Adds (`on`) or takes back my reaction. Idempotent. @throws ConfabError message_deleted, limit_reached, network */
  async react(messageId: string, emoji: string, on: boolean): Promise<Message> {
    return this.#learn(await this.host.request('message:react', { roomId: this.id, messageId, emoji, on }));
  }

  /** Pins for everyone. Idempotent. @throws ConfabError forbidden, message_deleted, limit_reached */
  async pin(messageId: string): Promise<Message> {
    return this.#learn(await this.host.call('pin', { params: this.#at(messageId), body: { on: true } }));
  }

  /** Idempotent. @throws ConfabError forbidden */
  async unpin(messageId: string): Promise<Message> {
    return this.#learn(await this.host.call('pin', { params: this.#at(messageId), body: { on: false } }));
  }

  /** Pinned messages, the newest pin first. */
  async pins(): Promise<Message[]> {
    const { messages, users } = await this.host.call('pins', { params: this.#here });
    this.host.learn(users);
    return messages;
  }

  /** Stars for myself: see `state.me.starred`. Idempotent. @throws ConfabError limit_reached */
  async star(messageId: string): Promise<void> {
    this.core.receiveMe(await this.host.call('star', { params: this.#at(messageId), body: { on: true } }));
  }

  /** Idempotent. */
  async unstar(messageId: string): Promise<void> {
    this.core.receiveMe(await this.host.call('star', { params: this.#at(messageId), body: { on: false } }));
  }

  /** My vote, by indexes of options, replacing an earlier one; none takes it back. @throws ConfabError poll_closed */
  async vote(messageId: string, options: readonly number[]): Promise<Message> {
    const body = { options: [...options] };
    return this.#learn(await this.host.call('vote', { params: this.#at(messageId), body }));
  }

  /** Closes my poll, or as a moderator anyone's. Idempotent. @throws ConfabError forbidden */
  async closePoll(messageId: string): Promise<Message> {
    return this.#learn(await this.host.call('closePoll', { params: this.#at(messageId) }));
  }

  /** Earlier bodies, the oldest first: for the author and moderators. @throws ConfabError forbidden */
  async edits(messageId: string): Promise<CallOutput<'messageEdits'>['edits']> {
    return (await this.host.call('messageEdits', { params: this.#at(messageId) })).edits;
  }

  /** Sends a text at a time (epoch ms), also when this client is gone by then. @throws ConfabError limit_reached */
  schedule(body: string, at: number, options: { replyTo?: string | null } = {}): Promise<ScheduledMessage> {
    const { replyTo = null } = options;
    const scheduled = { clientId: newClientId(), body, replyTo, sendAt: at };
    return this.host.call('schedule', { params: this.#here, body: scheduled });
  }

  // ---- mine

  /** My own settings of this room, on all my devices. `mutedUntil` is in epoch ms. */
  async updateMe(settings: BodyOf<'updateMe'>): Promise<void> {
    this.core.receiveMe(await this.host.call('updateMe', { params: this.#here, body: settings }));
  }

  // ---- members

  /** Present members in order of their ids, a page at a time: for rooms whose `state.members` is null. */
  async loadMembers(after?: string): Promise<{ members: Member[]; users: PublicUser[]; hasMore: boolean }> {
    const query = after === undefined ? {} : { after };
    const page = await this.host.call('members', { params: this.#here, query });
    this.host.learn(page.users);
    return page;
  }

  /** Those who are members already stay as they are. @throws ConfabError forbidden, room_full, too_many_rooms */
  async addMembers(userIds: string[]): Promise<void> {
    await this.host.call('addMembers', { params: this.#here, body: { userIds } });
  }

  /** @throws ConfabError forbidden, last_owner */
  async removeMember(userId: string): Promise<void> {
    await this.host.call('removeMember', { params: { roomId: this.id, userId } });
  }

  /** @throws ConfabError forbidden, last_owner */
  async setRole(userId: string, role: MemberRole): Promise<void> {
    await this.host.call('updateMember', { params: { roomId: this.id, userId }, body: { role } });
  }

  /** Ends my membership; of a thread, follows it no longer. */
  async leave(): Promise<void> {
    await this.removeMember(this.host.me.id);
    this.core.drop();
  }

  /** Makes an invitation: anyone who has its code may join. @throws ConfabError forbidden, limit_reached */
  createInvite(options: { expiresAt?: number | null; maxUses?: number | null } = {}): Promise<Invite> {
    return this.host.call('createInvite', { params: this.#here, body: options });
  }

  /** Invitations that can still be used. @throws ConfabError forbidden */
  async invites(): Promise<Invite[]> {
    return (await this.host.call('invites', { params: this.#here })).invites;
  }

  /** @throws ConfabError forbidden */
  async revokeInvite(inviteId: string): Promise<void> {
    await this.host.call('revokeInvite', { params: { roomId: this.id, inviteId } });
  }

  // ---- the room

  /** @throws ConfabError bad_input, forbidden */
  async rename(name: string): Promise<void> {
    await this.host.call('updateRoom', { params: this.#here, body: { name } });
  }

  /** @throws ConfabError bad_input, forbidden */
  async setTopic(topic: string): Promise<void> {
    await this.host.call('updateRoom', { params: this.#here, body: { topic } });
  }

  /** From then on nothing is written in it; `false` opens it again. @throws ConfabError forbidden */
  async archive(archived = true): Promise<void> {
    await this.host.call('updateRoom', { params: this.#here, body: { archived } });
  }

  /** Deletes the group for everyone. @param reason for others who own it @throws ConfabError forbidden */
  async deleteRoom(reason?: string): Promise<void> {
    await this.host.call('deleteRoom', { params: this.#here, body: { reason } });
    this.core.drop();
  }

  get #here(): { roomId: string } {
    return { roomId: this.id };
  }

  #at(messageId: string): { roomId: string; messageId: string } {
    return { roomId: this.id, messageId };
  }

  // The answer to a change of mine is as good as the event that tells of it.
  #learn(message: Message): Message {
    this.core.receiveMessage(message);
    return message;
  }
}
