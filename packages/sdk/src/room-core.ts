/** The machinery behind a `LiveRoom`: keeps its replica complete and its marks sent. */
import { LIMITS, type Message, type MessagePage, type MyMembership, type RoomChanges } from '@confab/protocol';
import { Announcer } from './announcer.ts';
import { Backoff } from './backoff.ts';
import { deferred, type Deferred } from './deferred.ts';
import { ConfabError, toConfabError } from './error.ts';
import { History, type Where } from './history.ts';
import { Quotes } from './quotes.ts';
import { ReadMarks } from './read-marks.ts';
import { isShownAsBlocked } from './blocks.ts';
import { closeWindow, countsAsUnread, fromSnapshot, fromSummary, joinChanges, type RoomEvent } from './reducer.ts';
import { Replica } from './replica.ts';
import type { RoomHost } from './room-host.ts';
import { Signal } from './signal.ts';
import type { RoomState } from './types.ts';
import { Typing } from './typing.ts';

/** Messages of a page, and those a closed room keeps. */
const PAGE = 50;

export class RoomCore {
  readonly id: string;
  readonly signal = new Signal();
  readonly history: History;
  readonly typing: Typing;
  readonly #host: RoomHost;
  readonly #replica: Replica;
  readonly #quotes: Quotes;
  readonly #marks: ReadMarks;
  readonly #backoff: Backoff;
  #announcer: Announcer | undefined;
  /** What it takes to be complete again. */
  #need: 'nothing' | 'changes' | 'snapshot' = 'nothing';
  #repairing = false;
  #isOpen = false;
  /** A whole snapshot has been loaded, and kept since. */
  #isWhole = false;
  #opening: Deferred<void> | undefined;
  /** The newest message seen so far. */
  #seenN = 0;

  constructor(id: string, host: RoomHost) {
    this.id = id;
    this.#host = host;
    this.#backoff = new Backoff(host);
    this.#replica = new Replica({
      meId: host.me.id,
      clock: host.clock,
      onChange: (told) => this.#onChange(told),
      onGap: () => this.#require('changes'),
    });
    this.history = new History(this.#replica, (where) => this.#fetchPage(where));
    this.#quotes = new Quotes({
      fetch: async (messageId) => {
        const { message, user } = await host.call('message', { params: { roomId: id, messageId } });
        host.learn([user]);
        return message;
      },
      onChange: () => this.signal.touch(),
    });
    this.#marks = new ReadMarks({
      send: (n) => host.request('room:read', { roomId: id, n }),
      ready: () => this.isMine && host.ready(),
      onError: (error) => host.report(error),
    });
    this.typing = new Typing({
      clock: host.clock,
      // Nobody waits for it, and the next keystroke tells it again.
      tell: () => void host.request('typing', { roomId: id }).catch(() => undefined),
      onChange: () => this.signal.touch(),
    });
  }

  get state(): RoomState | null {
    return this.#replica.state;
  }

  /** A room of mine, as far as is known. */
  get isMine(): boolean {
    return this.state !== null && !this.state.gone;
  }

  receive(event: RoomEvent): void {
    this.#replica.receive(event);
  }

  /** The answer to a change of mine is as good as the event that tells of it. */
  receiveMessage(message: Message): void {
    this.receive({ event: 'message', payload: { roomId: this.id, rev: message.rev, message } });
  }

  /** The answer to a change of what is mine alone is as good as the event, unless more than that has changed. */
  receiveMe(me: MyMembership): void {
    const known = this.state?.me;
    if (!known || me.mine <= known.mine) return;
    if (me.mine === known.mine + 1 && me.rev === known.rev) this.#replica.update((state) => ({ ...state, me }));
    else this.#require('changes');
  }

  messageById(messageId: string): Message | undefined {
    return this.state?.messages.find(({ id }) => id === messageId) ?? this.#quotes.get(messageId);
  }

  /** @throws ConfabError not_found */
  async loadMessage(messageId: string): Promise<Message> {
    return this.messageById(messageId) ?? this.#quotes.load(messageId);
  }

  /** The first message of the window after `mark` that counts as unread. */
  firstUnread(mark: number): number | null {
    return this.state?.messages.find((m) => m.n > mark && countsAsUnread(m, this.#host.me.id))?.n ?? null;
  }

  /** I block other people than before: what is shown of their messages has to be taken afresh. */
  recheckBlocked(): void {
    const { state } = this;
    if (!state || state.gone) return;
    const blocked = this.#host.blocked();
    if (!blocked) return;
    const isWrong = (message: Message) => !isShownAsBlocked(message, blocked);
    if (this.#quotes.all.some(isWrong)) this.#quotes.refresh();
    if (state.messages.some(isWrong) || (state.lastMessage && isWrong(state.lastMessage))) this.#require('snapshot');
  }

  /**
   * Takes a fresh state. `announceFrom`: when the room was not known (or not mine) until now, messages after this
   * number are new.
   */
  load(state: RoomState, announceFrom: number, isWhole: boolean): void {
    if (!this.isMine) this.#announcer = this.#newAnnouncer(announceFrom);
    this.#isWhole = isWhole;
    this.history.reset();
    this.#quotes.refresh();
    this.#replica.load({ ...state, open: this.#isOpen });
    this.#need = this.#replica.settled ? 'nothing' : 'changes';
    if (this.#isOpen && !isWhole) this.#require('snapshot');
    if (isWhole) this.#opened();
    // It may be of a moment before others were blocked.
    this.recheckBlocked();
  }

  /** All pages of an answer, joined. */
  catchUp(changes: RoomChanges): void {
    if (this.#replica.catchUp(changes) === 'reload') {
      if (this.#isOpen) this.#require('snapshot');
      else this.load(fromSummary(changes.summary, this.#host.me.id), 0, false);
    } else if (this.#need === 'changes' && this.#replica.settled) {
      this.#need = 'nothing';
    }
  }

  /** Events that were missed, as if they came now. */
  replay(events: readonly RoomEvent[]): void {
    for (const event of events) this.#replica.receive(event);
    this.#replica.release();
    if (this.#need === 'changes' && this.#replica.settled) this.#need = 'nothing';
  }

  /** The server says that it is not mine. */
  drop(): void {
    this.#need = 'nothing';
    this.#opening?.reject(new ConfabError('not_found', 'There is no such room, or it is not yours to see.'));
    this.#opening = undefined;
    this.#quotes.clear();
    if (this.isMine) this.#replica.update((state) => ({ ...state, gone: true }));
  }

  /** Online, with everything missed applied: does what had to wait. */
  resume(): void {
    this.#backoff.reset();
    this.#backoff.wake();
    this.#announcer?.resume();
    void this.#repair();
    void this.#marks.flush();
  }

  stop(): void {
    this.typing.clear();
    this.#replica.stop();
    this.#backoff.wake();
  }

  open(): Promise<void> {
    this.#isOpen = true;
    const state = this.state;
    if (state && !state.open) this.#replica.update((s) => ({ ...s, open: true }));
    const lacksMembers = state?.members === null && state.room.memberCount <= LIMITS.readReceiptMembers;
    if (this.isMine && this.#isWhole && !lacksMembers) return Promise.resolve();
    this.#opening ??= deferred();
    this.#require('snapshot');
    return this.#opening.promise;
  }

  close(): void {
    this.#isOpen = false;
    this.#opened();
    if (this.#need === 'snapshot') this.#need = 'changes';
    if (this.state?.hasMoreAfter) this.#isWhole = false;
    this.history.reset();
    this.#replica.update((state) => closeWindow(state, PAGE));
  }

  markRead(n: number): void {
    const { state } = this;
    if (!state) return;
    const target = Math.min(n, state.room.n);
    // Reading what was read already ends a mark as unread.
    const again = state.me.markedUnread;
    if (target > (state.me.lastReadN ?? 0) || again) this.#marks.mark(target, again);
  }

  #opened(): void {
    this.#opening?.resolve();
    this.#opening = undefined;
  }

  #newAnnouncer(from: number): Announcer {
    const host = this.#host;
    return new Announcer(from, {
      after: (n) => host.request('message:history', { roomId: this.id, after: n, limit: LIMITS.page }),
      emit: (message) => host.announce(message),
      heard: () => host.heard(),
    });
  }

  #onChange(told: readonly Message[]): void {
    const { state } = this;
    if (!state) return;
    this.history.tell(told);
    this.#quotes.tell(told);
    for (const message of told) if (message.n > this.#seenN) this.typing.ended(message.senderId);
    this.#seenN = state.room.n;
    this.#host.outbox.reconcile(this.id, state.gone ? Infinity : state.room.n, [...told, ...state.me.held]);
    this.signal.touch();
    this.#host.changed();
    if (!state.open && state.messages.length > 2 * PAGE) this.#replica.update((s) => closeWindow(s, PAGE));
    this.#announcer?.advance(state.room.n, told);
  }

  #require(need: 'changes' | 'snapshot'): void {
    if (this.#need !== 'snapshot') this.#need = need;
    void this.#repair();
  }

  // One at a time; what is required meanwhile is done in the same run.
  async #repair(): Promise<void> {
    if (this.#repairing) return;
    this.#repairing = true;
    while (this.#need !== 'nothing' && this.#host.ready()) {
      try {
        const need = this.#need;
        await (need === 'snapshot' ? this.#fetchSnapshot() : this.#fetchChanges());
        // Something is still missing that the server did not have yet.
        if (this.#need === need) await this.#backoff.wait();
        else this.#backoff.reset();
      } catch (thrown) {
        const error = toConfabError(thrown);
        if (error.code === 'not_found') this.drop();
        else if (!error.retryable) this.#giveUp(error);
        else if (this.#host.ready()) await this.#backoff.wait((error.retryAfter ?? 0) * 1000);
      }
    }
    this.#repairing = false;
  }

  #giveUp(error: ConfabError): void {
    this.#need = 'nothing';
    this.#opening?.reject(error);
    this.#opening = undefined;
    this.#host.report(error);
  }

  async #fetchPage({ date, ...where }: Where): Promise<MessagePage> {
    const roomId = this.id;
    const page =
      date === undefined
        ? await this.#host.request('message:history', { roomId, limit: PAGE, ...where })
        : await this.#host.call('messages', { params: { roomId }, query: { date, limit: PAGE } });
    this.#host.learn(page.users);
    return page;
  }

  async #fetchSnapshot(): Promise<void> {
    this.#replica.hold();
    try {
      const asked = this.state?.rev ?? 0;
      const snapshot = await this.#host.request('room:join', { roomId: this.id });
      this.#host.learn(snapshot.users);
      const rev = this.state?.rev ?? 0;
      // A sync has brought the room further meanwhile: it is asked for again.
      if (rev > asked && snapshot.room.rev < rev) return this.#replica.release();
      this.load(fromSnapshot(snapshot, this.#host.me.id), snapshot.me.lastReadN ?? 0, true);
    } catch (error) {
      this.#replica.release();
      throw error;
    }
  }

  async #fetchChanges(): Promise<void> {
    // A room that is not known yet comes with the sync of all rooms.
    if (!this.state) this.#need = 'nothing';
    let joined: RoomChanges | undefined;
    for (let since = this.state?.rev; since !== undefined; since = joined?.hasMore ? joined.rev : undefined) {
      const page = await this.#host.call('changes', { params: { roomId: this.id }, query: { since } });
      this.#host.learn(page.users);
      joined = joinChanges(joined, page);
    }
    if (joined) this.catchUp(joined);
  }
}
