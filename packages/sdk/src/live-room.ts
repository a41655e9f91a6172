import { LIMITS, type Message, type RoomSnapshot } from '@confab/protocol';
import { RoomActions } from './room-actions.ts';
import type { RoomCore } from './room-core.ts';
import type { RoomHost } from './room-host.ts';
import type { OutboxItem, PollDraft, RoomState } from './types.ts';

const NOTHING_HELD: readonly Message[] = [];

interface SendOptions {
  replyTo?: string | null;
}

/** One room, kept equal to the server's while the client is online. Made by `ConfabClient.room`. */
export class LiveRoom extends RoomActions {
  readonly #adopt: (snapshot: RoomSnapshot) => LiveRoom;

  /** `adopt` makes a room of what the server answers about another one. */
  constructor(core: RoomCore, host: RoomHost, adopt: (snapshot: RoomSnapshot) => LiveRoom) {
    super(core, host);
    this.#adopt = adopt;
  }

  /** null until the room is known: before the first sync, or when it is not mine. */
  get state(): RoomState | null {
    return this.core.state;
  }

  /** My messages on their way out, oldest first: show them after the newest message. */
  get pending(): readonly OutboxItem[] {
    return this.host.outbox.list(this.id);
  }

  /**
   * My messages that wait for approval or were rejected (`status`, with the `reason`), oldest first: nobody but moderators
   * sees them. `client.call('dropHeld')` takes one back, or puts it away.
   */
  get held(): readonly Message[] {
    return this.core.state?.me.held ?? NOTHING_HELD;
  }

  /** Others who are writing, in the order they began; the same array until that changes. */
  get typingUsers(): readonly string[] {
    return this.core.typing.users;
  }

  /** Calls `fn` after any change of `state`, `pending`, `typingUsers` or a message of `messageById`. */
  subscribe(fn: () => void): () => void {
    return this.core.signal.subscribe(fn);
  }

  // ---- the window

  /**
   * Loads members and the newest page, and keeps the window from then on. Resolves once they are there, or the room is
   * closed again; waits for the connection when offline. @throws ConfabError not_found
   */
  open(): Promise<void> {
    return this.core.open();
  }

  /** Lets go of the window but for its newest part. The room stays in the chat list and up to date. */
  close(): void {
    this.core.close();
  }

  /** Extends the window by a page. Does nothing at its end, and joins a load that is under way. @throws ConfabError */
  loadOlder(): Promise<void> {
    return this.core.history.loadOlder();
  }

  loadNewer(): Promise<void> {
    return this.core.history.loadNewer();
  }

  /** Moves the window so that it holds message `n`. @throws ConfabError */
  jumpTo(n: number): Promise<void> {
    return this.core.history.jumpTo(n);
  }

  /**
   * Moves the window to the first message sent at `ms` (epoch) or later, the newest if there is none. Answers its
   * number; null in an empty room. @throws ConfabError
   */
  jumpToDate(ms: number): Promise<number | null> {
    return this.core.history.jumpToDate(ms);
  }

  /**
   * Moves the window to where I stopped reading. Answers the number of the first message after my read mark that counts
   * as unread; null, without moving, when everything is read. @throws ConfabError
   */
  async jumpToFirstUnread(): Promise<number | null> {
    const { state } = this;
    if (!state || state.unread === 0) return null;
    const mark = state.me.lastReadN ?? 0;
    await this.jumpTo(mark + 1);
    return this.core.firstUnread(mark);
  }

  /**
   * A message of the window, or one that `loadMessage` brought (a quoted one, for example), as it is now. undefined when
   * it is not here.
   */
  messageById(messageId: string): Message | undefined {
    return this.core.messageById(messageId);
  }

  /** Brings a message that is not in the window and keeps it up to date while the room is. @throws ConfabError not_found */
  loadMessage(messageId: string): Promise<Message> {
    return this.core.loadMessage(messageId);
  }

  /** The side conversation about a message, which I follow from then on. @throws ConfabError forbidden, message_deleted */
  async openThread(messageId: string): Promise<LiveRoom> {
    return this.#adopt(await this.host.call('openThread', { params: { roomId: this.id, messageId } }));
  }

  // ---- sending

  /**
   * Puts a message into the outbox: it is in `pending` at once, is sent in order, and is retried until the server
   * acknowledges it or refuses it for good, over disconnects and (with a lasting store) restarts. Never doubled. `done`
   * answers one that waits for approval with its `status`; it is in `held` from then on.
   * @throws ConfabError bad_input
   */
  send(body: string, { replyTo = null }: SendOptions = {}): OutboxItem {
    this.core.typing.sent();
    return this.host.outbox.add(this.id, { body }, replyTo);
  }

  /** Sends a poll, as surely as `send` a text. @throws ConfabError bad_input */
  sendPoll(poll: PollDraft, { replyTo = null }: SendOptions = {}): OutboxItem {
    return this.host.outbox.add(this.id, { poll }, replyTo);
  }

  /** Passes a message of this room on to another, as surely as `send` a text; it is in the other room's `pending`. */
  forward(message: Pick<Message, 'id' | 'body'>, toRoomId: string): OutboxItem {
    const forward = { roomId: this.id, messageId: message.id };
    return this.host.outbox.add(toRoomId, { forward, body: message.body }, null);
  }

  /** Sends a failed message again, after those that wait. */
  retry(clientId: string): void {
    this.host.outbox.retry(this.id, clientId);
  }

  /** Forgets an unacknowledged message. One that was already under way may still arrive. */
  discard(clientId: string): void {
    this.host.outbox.discard(this.id, clientId);
  }

  // ---- reading

  /** Marks as read up to message `n`, the newest unless told. Never moves back; remembered while offline. */
  markRead(n = Infinity): void {
    this.core.markRead(n);
  }

  /** Who, besides the author and me, has read up to this message; no one where marks are not shared. */
  seenBy(message: Pick<Message, 'n' | 'senderId'>): string[] {
    const members = this.state?.members;
    if (!members || members.size > LIMITS.readReceiptMembers) return [];
    const others = [...members.values()].filter(
      ({ userId }) => userId !== message.senderId && userId !== this.host.me.id,
    );
    return others.filter(({ lastReadN }) => (lastReadN ?? 0) >= message.n).map(({ userId }) => userId);
  }

  /** Call at each keystroke: the others are told now and then. Nothing is stored, and nothing happens while offline. */
  typing(): void {
    this.core.typing.tell();
  }
}
