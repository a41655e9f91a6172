/** How people appear: those that someone here looks at are watched, for all callers together. */
import {
  type ClientEventInput,
  type ClientEventName,
  type ClientEventOutput,
  LIMITS,
  type Presence,
} from '@confab/protocol';
import { type ConfabError, toConfabError } from './error.ts';

/** `status` is how I appear; `text`, `emoji` and `until` (epoch ms) are the custom status, and null clears. */
export type StatusChange = Omit<ClientEventInput<'presence:set'>, 'idle'>;

interface PresenceOptions {
  request: <N extends ClientEventName>(event: N, input: ClientEventInput<N>) => Promise<ClientEventOutput<N>>;
  online: () => boolean;
  onChange: () => void;
  onError: (error: ConfabError) => void;
}

export class PresenceWatch {
  readonly #options: PresenceOptions;
  /** How many callers look at each person. */
  readonly #watchers = new Map<string, number>();
  readonly #known = new Map<string, Presence>();
  /** What the server was told to watch on this connection. */
  #watched = '';
  #telling = false;
  #idle = false;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /**
   * Watches people until the answered function is called. Several callers are merged; of more than `LIMITS.watched`
   * people those who came last wait until others are let go.
   */
  watch(userIds: readonly string[]): () => void {
    const ids = [...new Set(userIds)];
    for (const id of ids) this.#watchers.set(id, (this.#watchers.get(id) ?? 0) + 1);
    this.#plan();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      for (const id of ids) this.#release(id);
      this.#plan();
    };
  }

  /** How a watched person appears; undefined until it is known. The same object until it changes. */
  get(userId: string): Presence | undefined {
    return this.#known.get(userId);
  }

  /** Changes how I appear. What is left out stays as it is. @throws ConfabError bad_input, network */
  async setStatus(change: StatusChange): Promise<Presence> {
    const presence = await this.#options.request('presence:set', change);
    if (this.#watchers.has(presence.userId)) this.receive([presence]);
    return presence;
  }

  /** Whether this device is left alone: told at each change, and again on each connection. See `trackIdle`. */
  setIdle(idle: boolean): void {
    if (idle === this.#idle) return;
    this.#idle = idle;
    if (this.#options.online()) void this.#try(() => this.#options.request('presence:set', { idle }));
  }

  receive(users: readonly Presence[]): void {
    for (const user of users) if (this.#watchers.has(user.userId)) this.#known.set(user.userId, user);
    this.#options.onChange();
  }

  /** A new connection, of which the server knows nothing. */
  resume(): void {
    this.#watched = '';
    this.#plan();
    if (this.#idle) void this.#try(() => this.#options.request('presence:set', { idle: true }));
  }

  #release(userId: string): void {
    const count = (this.#watchers.get(userId) ?? 1) - 1;
    if (count > 0) {
      this.#watchers.set(userId, count);
    } else {
      this.#watchers.delete(userId);
      this.#known.delete(userId);
    }
  }

  // Many callers come and go in one go: what remains is told once.
  #plan(): void {
    queueMicrotask(() => void this.#tell());
  }

  async #tell(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    while (this.#options.online()) {
      const userIds = [...this.#watchers.keys()].slice(0, LIMITS.watched).sort();
      const watched = userIds.join();
      if (watched === this.#watched) break;
      this.#watched = watched;
      const told = await this.#try(async () => {
        this.receive((await this.#options.request('presence:watch', { userIds })).users);
      });
      if (!told) break;
    }
    this.#telling = false;
  }

  // What could not be told is told on the next connection.
  async #try(tell: () => Promise<unknown>): Promise<boolean> {
    try {
      await tell();
      return true;
    } catch (thrown) {
      const error = toConfabError(thrown);
      if (!error.retryable) this.#options.onError(error);
      return false;
    }
  }
}
