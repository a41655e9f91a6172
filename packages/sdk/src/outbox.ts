/** Messages on their way out: kept until the server acknowledges or finally refuses them. */
import { errors, type FieldProblem, type Message, SendInput } from '@confab/protocol';
import { Backoff } from './backoff.ts';
import { newClientId } from './client-id.ts';
import type { Clock } from './clock.ts';
import { deferred } from './deferred.ts';
import { bodyOf, ConfabError, toConfabError } from './error.ts';
import type { LocalStore } from './store.ts';
import type { OutboxItem, PollDraft } from './types.ts';

interface OutboxOptions {
  meId: string;
  store: LocalStore;
  clock: Clock;
  random: () => number;
  /** One attempt. */
  send: (item: OutboxItem) => Promise<Message>;
  /** Whether attempts make sense now. */
  online: () => boolean;
  /** The list of a room changed. */
  onChange: (roomId: string) => void;
  /** The server stored a message; told before it leaves the list. */
  onStored: (message: Message) => void;
  onError: (error: ConfabError) => void;
}

interface Entry {
  item: OutboxItem;
  /** Once acknowledged. Then it only waits for the room to show it. */
  stored?: Message;
  resolve: (message: Message) => void;
  reject: (error: ConfabError) => void;
}

interface Lane {
  entries: Entry[];
  /** What `list` shows; undefined when it has to be made anew. */
  view: readonly OutboxItem[] | undefined;
  running: boolean;
  backoff: Backoff;
}

/** What of an item is kept in the store. */
type Saved = Omit<OutboxItem, 'state' | 'retryAt' | 'done'>;
/** What is sent. `body` of a message passed on is only shown here. */
export type Content =
  | { body: string }
  | { poll: PollDraft }
  | { forward: { roomId: string; messageId: string }; body: string };

const NO_ITEMS: readonly OutboxItem[] = [];
// Not the message's fault: the connection deals with these, and the message waits.
const ABOUT_SESSION = new Set<string>(['unauthenticated', 'token_expired', 'session_ended', 'account_banned']);

/** Rooms don't wait for each other. Within a room one message is under way at a time, so they keep their order. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #lanes = new Map<string, Lane>();
  #lastCreatedAt = 0;
  #stopped = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier run left. To be called once, before anything is added. */
  async restore(): Promise<void> {
    const { store, meId } = this.#options;
    for (const [, value] of await store.list(prefixOf(meId))) {
      const saved = JSON.parse(value) as Saved;
      this.#lastCreatedAt = Math.max(this.#lastCreatedAt, saved.createdAt);
      this.#enter(saved);
    }
  }

  /** Oldest first; the same array until it changes. */
  list(roomId: string): readonly OutboxItem[] {
    const lane = this.#lanes.get(roomId);
    if (!lane) return NO_ITEMS;
    lane.view ??= show(lane);
    return lane.view;
  }

  /** @throws ConfabError bad_input */
  add(roomId: string, content: Content, replyTo: string | null): OutboxItem {
    const clientId = newClientId();
    const checked = check(clientId, content, replyTo);
    const entry = this.#enter({ clientId, roomId, ...checked, replyTo, createdAt: this.#nextInOrder() });
    this.#save(entry.item);
    this.#changed(roomId);
    void this.#run(roomId);
    return entry.item;
  }

  /** A failed message once more, after those that wait. Others are left alone. */
  retry(roomId: string, clientId: string): void {
    const lane = this.#lanes.get(roomId);
    const at = lane?.entries.findIndex(({ item }) => item.clientId === clientId && item.state === 'failed') ?? -1;
    const [entry] = lane && at >= 0 ? lane.entries.splice(at, 1) : [];
    if (!entry) return;
    this.#unsave(entry.item);
    const again = this.#enter({ ...contentOf(entry.item), clientId, createdAt: this.#nextInOrder() });
    this.#save(again.item);
    this.#changed(roomId);
    void this.#run(roomId);
  }

  /** Forgets a message that is not acknowledged. */
  discard(roomId: string, clientId: string): void {
    const entry = this.#lanes.get(roomId)?.entries.find(({ item }) => item.clientId === clientId);
    if (!entry || entry.stored) return;
    this.#remove(entry);
    entry.reject(new ConfabError('not_found', 'The message was discarded.'));
  }

  /** Goes on sending: the connection is back. */
  flush(): void {
    for (const [roomId, lane] of this.#lanes) {
      lane.backoff.reset();
      lane.backoff.wake();
      void this.#run(roomId);
    }
  }

  /**
   * The room now shows messages up to `n`, among them `told`, and those of mine that wait for approval (`n` 0): mine among
   * those are stored, acknowledged or not, and leave the list once they are shown.
   */
  reconcile(roomId: string, n: number, told: readonly Message[]): void {
    const lane = this.#lanes.get(roomId);
    if (!lane) return;
    for (const entry of lane.entries) {
      const { clientId } = entry.item;
      const message = told.find((m) => m.clientId === clientId && m.senderId === this.#options.meId);
      if (message) this.#settle(entry, message);
      if (entry.stored && entry.stored.n <= n) this.#remove(entry);
    }
  }

  /** Stops sending. With `forget`, what is unsent is deleted from the store as well. */
  async stop(forget: boolean): Promise<void> {
    this.#stopped = true;
    const entries = [...this.#lanes.values()].flatMap((lane) => lane.entries);
    for (const lane of this.#lanes.values()) lane.backoff.wake();
    this.#lanes.clear();
    const { store } = this.#options;
    if (forget) await Promise.all(entries.map(({ item }) => store.delete(this.#keyOf(item))));
    for (const entry of entries)
      entry.reject(new ConfabError('unauthenticated', 'Signed out before it was acknowledged.'));
  }

  async #run(roomId: string): Promise<void> {
    const lane = this.#lanes.get(roomId);
    if (!lane || lane.running) return;
    lane.running = true;
    for (let entry = this.#next(lane); entry; entry = this.#next(lane)) {
      const retryAfter = await this.#attempt(entry);
      if (retryAfter === undefined) lane.backoff.reset();
      else if (this.#next(lane)) {
        const waited = lane.backoff.wait(retryAfter * 1000);
        this.#changed(roomId);
        await waited;
        this.#changed(roomId);
      }
    }
    lane.running = false;
  }

  #next(lane: Lane): Entry | undefined {
    return this.#stopped || !this.#options.online() ? undefined : firstUnsent(lane);
  }

  /** Seconds to wait at least before the next attempt; undefined when this message is dealt with. */
  async #attempt(entry: Entry): Promise<number | undefined> {
    this.#update(entry, { state: 'sending' });
    try {
      const message = await this.#options.send(entry.item);
      this.#settle(entry, message);
      this.#options.onStored(message);
      return undefined;
    } catch (thrown) {
      // Its own event was faster than the answer, or it was discarded meanwhile.
      if (entry.stored || !this.#holds(entry)) return undefined;
      const error = toConfabError(thrown);
      if (error.retryable || ABOUT_SESSION.has(error.code)) {
        this.#update(entry, { state: 'pending' });
        return error.retryAfter ?? 0;
      }
      this.#update(entry, { state: 'failed', error: bodyOf(error) });
      this.#save(entry.item);
      entry.reject(error);
      return undefined;
    }
  }

  #settle(entry: Entry, message: Message): void {
    if (entry.stored) return;
    entry.stored = message;
    this.#unsave(entry.item);
    entry.resolve(message);
  }

  // Strictly ascending: it is also the order in which messages are sent after a restart.
  #nextInOrder(): number {
    this.#lastCreatedAt = Math.max(this.#options.clock.now(), this.#lastCreatedAt + 1);
    return this.#lastCreatedAt;
  }

  #enter(saved: Saved): Entry {
    const { promise, resolve, reject } = deferred<Message>();
    const entry: Entry = {
      item: { ...saved, state: saved.error ? 'failed' : 'pending', done: promise },
      resolve,
      reject,
    };
    const { clock, random } = this.#options;
    const lane = this.#lanes.get(saved.roomId) ?? {
      entries: [],
      view: undefined,
      running: false,
      backoff: new Backoff({ clock, random }),
    };
    lane.entries.push(entry);
    lane.view = undefined;
    this.#lanes.set(saved.roomId, lane);
    return entry;
  }

  #update(entry: Entry, change: Partial<OutboxItem>): void {
    entry.item = { ...entry.item, ...change };
    this.#changed(entry.item.roomId);
  }

  #holds(entry: Entry): boolean {
    return this.#lanes.get(entry.item.roomId)?.entries.includes(entry) ?? false;
  }

  #remove(entry: Entry): void {
    const { roomId } = entry.item;
    const lane = this.#lanes.get(roomId);
    if (!lane) return;
    lane.entries = lane.entries.filter((other) => other !== entry);
    this.#unsave(entry.item);
    this.#changed(roomId);
  }

  #changed(roomId: string): void {
    const lane = this.#lanes.get(roomId);
    if (!lane) return;
    lane.view = undefined;
    this.#options.onChange(roomId);
  }

  #save(item: OutboxItem): void {
    const { clientId, createdAt, error } = item;
    const saved: Saved = { ...contentOf(item), clientId, createdAt, ...(error && { error }) };
    this.#stored(this.#options.store.set(this.#keyOf(saved), JSON.stringify(saved)));
  }

  #unsave(item: OutboxItem): void {
    this.#stored(this.#options.store.delete(this.#keyOf(item)));
  }

  #stored(change: Promise<void>): void {
    change.catch((error: unknown) => this.#options.onError(toConfabError(error)));
  }

  #keyOf({ createdAt, clientId }: Saved): string {
    return `${prefixOf(this.#options.meId)}${String(createdAt).padStart(15, '0')}-${clientId}`;
  }
}

function firstUnsent({ entries }: Lane): Entry | undefined {
  return entries.find(({ item, stored }) => item.state !== 'failed' && !stored);
}

function show(lane: Lane): readonly OutboxItem[] {
  const { endsAt: retryAt } = lane.backoff;
  const first = firstUnsent(lane);
  return lane.entries.map((entry) =>
    entry === first && retryAt !== undefined ? { ...entry.item, retryAt } : entry.item,
  );
}

function prefixOf(meId: string): string {
  return `outbox/${meId}/`;
}

function contentOf({ roomId, body, poll, forward, replyTo }: OutboxItem): Omit<Saved, 'clientId' | 'createdAt'> {
  return { roomId, body, ...(poll && { poll }), ...(forward && { forward }), replyTo };
}

// As the server would read it, so that what it would refuse for its form is refused at once.
function check(
  clientId: string,
  content: Content,
  replyTo: string | null,
): Pick<OutboxItem, 'body' | 'poll' | 'forward'> {
  const sent = 'forward' in content ? { forward: content.forward } : content;
  const parsed = SendInput.safeParse({ clientId, replyTo, ...sent });
  if (!parsed.success) {
    throw badInput(parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), problem: message })));
  }
  const { body, poll, forward } = parsed.data;
  if (poll) return { body: poll.question, poll };
  if (forward && 'forward' in content) return { body: content.body, forward };
  return { body: body ?? '' };
}

function badInput(fields: FieldProblem[]): ConfabError {
  const { message } = errors.bad_input;
  return new ConfabError('bad_input', message, { code: 'bad_input', message, requestId: '', details: { fields } });
}
