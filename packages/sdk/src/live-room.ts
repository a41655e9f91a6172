import type { MemberRole, Message } from '@confab/protocol';
import type { RoomCore } from './room-core.ts';
import type { RoomHost } from './room-host.ts';
import type { OutboxItem, RoomState } from './types.ts';

/** One room, kept equal to the server's while the client is online. Made by `ConfabClient.room`. */
export class LiveRoom {
  readonly id: string;
  readonly #core: RoomCore;
  readonly #host: RoomHost;

  constructor(core: RoomCore, host: RoomHost) {
    this.id = core.id;
    this.#core = core;
    this.#host = host;
  }

  /** null until the room is known: before the first sync, or when it is not mine. */
  get state(): RoomState | null {
    return this.#core.state;
  }

  /** My messages on their way out, oldest first: show them after the newest message. */
  get pending(): readonly OutboxItem[] {
    return this.#host.outbox.list(this.id);
  }

  /** Calls `fn` after any change of `state` or `pending`. Answers the way to stop. */
  subscribe(fn: () => void): () => void {
    return this.#core.signal.subscribe(fn);
  }

  /**
   * Loads members and the newest page, and keeps the window from then on. Resolves once they are there, or the room is
   * closed again; waits for the connection when offline. @throws ConfabError not_found
   */
  open(): Promise<void> {
    return this.#core.open();
  }

  /** Lets go of the window but for its newest part. The room stays in the chat list and up to date. */
  close(): void {
    this.#core.close();
  }

  /** Extends the window by a page. Does nothing at its end, and joins a load that is under way. @throws ConfabError */
  loadOlder(): Promise<void> {
    return this.#core.history.loadOlder();
  }

  loadNewer(): Promise<void> {
    return this.#core.history.loadNewer();
  }

  /** Moves the window so that it holds message `n`. @throws ConfabError */
  jumpTo(n: number): Promise<void> {
    return this.#core.history.jumpTo(n);
  }

  /**
   * Puts a message into the outbox: it is in `pending` at once, is sent in order, and is retried until the server
   * acknowledges it or refuses it for good, over disconnects and (with a lasting store) restarts. Never doubled.
   * @throws ConfabError bad_input
   */
  send(body: string, options: { replyTo?: string | null } = {}): OutboxItem {
    return this.#host.outbox.add(this.id, body, options.replyTo ?? null);
  }

  /** Sends a failed message again, after those that wait. */
  retry(clientId: string): void {
    this.#host.outbox.retry(this.id, clientId);
  }

  /** Forgets an unacknowledged message. One that was already under way may still arrive. */
  discard(clientId: string): void {
    this.#host.outbox.discard(this.id, clientId);
  }

  /** Changes the body of my message. @throws ConfabError forbidden, message_deleted, network */
  async edit(messageId: string, body: string): Promise<Message> {
    const message = await this.#host.request('message:edit', { roomId: this.id, messageId, body });
    this.#core.receiveMessage(message);
    return message;
  }

  /** Deletes for everyone. @throws ConfabError forbidden, network */
  async delete(messageId: string): Promise<Message> {
    const message = await this.#host.request('message:delete', { roomId: this.id, messageId });
    this.#core.receiveMessage(message);
    return message;
  }

  /** Marks as read up to message `n`, the newest unless told. Never moves back; remembered while offline. */
  markRead(n = Infinity): void {
    this.#core.markRead(n);
  }

  /** Those who are members already stay as they are. @throws ConfabError forbidden, room_full, too_many_rooms */
  async addMembers(userIds: string[]): Promise<void> {
    await this.#host.call('addMembers', { params: { roomId: this.id }, body: { userIds } });
  }

  /** @throws ConfabError forbidden, last_owner */
  async removeMember(userId: string): Promise<void> {
    await this.#host.call('removeMember', { params: { roomId: this.id, userId } });
  }

  /** @throws ConfabError forbidden, last_owner */
  async setRole(userId: string, role: MemberRole): Promise<void> {
    await this.#host.call('updateMember', { params: { roomId: this.id, userId }, body: { role } });
  }

  async leave(): Promise<void> {
    await this.removeMember(this.#host.me.id);
    this.#core.drop();
  }

  /** @throws ConfabError bad_input, forbidden */
  async rename(name: string): Promise<void> {
    await this.#host.call('updateRoom', { params: { roomId: this.id }, body: { name } });
  }

  /** @throws ConfabError bad_input, forbidden */
  async setTopic(topic: string): Promise<void> {
    await this.#host.call('updateRoom', { params: { roomId: this.id }, body: { topic } });
  }

  /** Deletes the group for everyone. @throws ConfabError forbidden */
  async deleteRoom(): Promise<void> {
    await this.#host.call('deleteRoom', { params: { roomId: this.id } });
    this.#core.drop();
  }
}
