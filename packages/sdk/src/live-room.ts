import type { MemberRole, Message } from '@confab/protocol';
import type { OutboxItem, RoomState } from './types.ts';

const todo = (): never => {
  throw new Error('not implemented');
};

/** One room, kept equal to the server's while the client is online. Made by `ConfabClient.room`. */
export class LiveRoom {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
  /** null until the room is known: before the first sync, or when it is not mine. */
  get state(): RoomState | null {
    return todo();
  }
  /** My messages on their way out, oldest first. Show them after the newest message. */
  get pending(): readonly OutboxItem[] {
    return todo();
  }
  /** Called after any change of `state` or `pending`. */
  subscribe(_fn: () => void): () => void {
    return todo();
  }

  /**
   * Loads members and the newest page, and keeps the window from then on. Resolves once they are there; waits for the
   * connection when offline. @throws ConfabError not_found
   */
  open(): Promise<void> {
    return todo();
  }
  /** Lets go of the window but for its newest part. The room stays in the chat list and up to date. */
  close(): void {
    todo();
  }
  /** Extends the window by a page. Does nothing at its end, and joins a load that is under way. */
  loadOlder(): Promise<void> {
    return todo();
  }
  loadNewer(): Promise<void> {
    return todo();
  }
  /** Moves the window so that it holds message `n`. */
  jumpTo(_n: number): Promise<void> {
    return todo();
  }

  /**
   * Puts a message into the outbox: it is in `pending` at once, is sent in order, and is retried until the server
   * acknowledges it or refuses it for good, over disconnects and (with a lasting store) restarts. Never doubled.
   * @throws ConfabError bad_input
   */
  send(_body: string, _options?: { replyTo?: string | null }): OutboxItem {
    return todo();
  }
  /** Sends a failed message again, after those that wait. */
  retry(_clientId: string): void {
    todo();
  }
  /** Forgets an unacknowledged message. One that was already under way may still arrive. */
  discard(_clientId: string): void {
    todo();
  }

  edit(_messageId: string, _body: string): Promise<Message> {
    return todo();
  }
  /** For everyone. */
  delete(_messageId: string): Promise<Message> {
    return todo();
  }
  /** Marks as read up to message `n`, the newest unless told. Never moves back; remembered while offline. */
  markRead(_n?: number): void {
    todo();
  }

  addMembers(_userIds: string[]): Promise<void> {
    return todo();
  }
  removeMember(_userId: string): Promise<void> {
    return todo();
  }
  setRole(_userId: string, _role: MemberRole): Promise<void> {
    return todo();
  }
  leave(): Promise<void> {
    return todo();
  }
  rename(_name: string): Promise<void> {
    return todo();
  }
  setTopic(_topic: string): Promise<void> {
    return todo();
  }
  /** Deletes the group for everyone. */
  deleteRoom(): Promise<void> {
    return todo();
  }
}
