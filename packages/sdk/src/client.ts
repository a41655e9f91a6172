import {
  GUESTS_MAY,
  type Profile,
  type PublicUser,
  type RoomSnapshot,
  type RouteName,
  rest,
  scopeOfRoute,
  type SecondFactorNeeded,
} from '@confab/protocol';
import { ClientCalls } from './client-calls.ts';
import { type Clock, systemClock } from './clock.ts';
import { ConfabError } from './error.ts';
import { type CallArgs, type CallInput, type CallOutput, createHttp } from './http.ts';
import type { LiveRoom } from './live-room.ts';
import { Match } from './match.ts';
import { PresenceWatch } from './presence.ts';
import { Session, type Transport, type WayIn, type WayInBody } from './session.ts';
import { Emitter, Signal } from './signal.ts';
import { type LocalStore, memoryStore } from './store.ts';
import type { ClientEvents, RoomView, Status, Totals } from './types.ts';
import { World } from './world.ts';

export interface ClientOptions {
  /** Where the server is, such as `https://chat.example.org`; a path does not matter. */
  url: string;
  /** Speaks for whoever made it, instead of signing in: for bots and back ends. */
  apiToken?: string;
  /** Where the refresh token travels: an HttpOnly cookie (default in browsers) or the answer's body (default elsewhere). */
  transport?: Transport;
  /** Default: `memoryStore()`, which forgets unsent messages with the process. */
  store?: LocalStore;
  /** Uniform in [0, 1): the jitter of retries. */
  random?: () => number;
  clock?: Clock;
}

const NOTHING = {
  rooms: [] as readonly RoomView[],
  threads: [] as readonly RoomView[],
  totals: { rooms: 0, threads: 0, mentions: 0 },
};
const NOBODY: ReadonlySet<string> = new Set();

/** The connection of a person, or of a program that speaks for them, to a Confab server. */
export class ConfabClient extends ClientCalls {
  /** Meeting strangers. */
  readonly match = new Match(async (event, input) => this.#signedIn().request(event, input));
  readonly #options: Required<Omit<ClientOptions, 'apiToken' | 'transport'>>;
  readonly #apiToken: string | undefined;
  readonly #session: Session;
  readonly #events = new Emitter<ClientEvents>();
  readonly #signal = new Signal();
  #world: World | undefined;
  #identifying: Promise<Profile> | undefined;
  /** While nobody is signed in. */
  readonly #noPresence = new PresenceWatch({
    request: () => Promise.reject(new ConfabError('unauthenticated', 'Sign in first.')),
    online: () => false,
    onChange: () => undefined,
    onError: () => undefined,
  });
  #lastStatus: Status = 'signed-out';

  /** @throws TypeError for a `url` that is none */
  constructor(options: ClientOptions) {
    super();
    const { origin: url } = new URL(options.url);
    if (url === 'null') throw new TypeError(`A url is such as https://chat.example.org, and not ${options.url}`);
    const { apiToken, store = memoryStore(), random = Math.random, clock = systemClock } = options;
    const transport = options.transport ?? ('document' in globalThis ? 'cookie' : 'body');
    this.#options = { url, store, random, clock };
    this.#apiToken = apiToken;
    this.#session = new Session({
      http: createHttp({ url, clock, cookies: transport === 'cookie' && apiToken === undefined }),
      store,
      transport,
      clock,
      apiToken,
      onEnded: (reason) => {
        void this.#leave(false);
        this.#events.emit('session-ended', reason);
      },
    });
  }

  /** Who is signed in. */
  get me(): Profile | null {
    return this.#session.me;
  }

  /**
   * Whether a call is open to me at all: guests may only do some, and an API token nothing that concerns ways in. What may be
   * done with a thing, and what the scopes of a token allow, the server says.
   */
  may(name: RouteName): boolean {
    if (this.#apiToken !== undefined && rest[name].auth === 'user' && scopeOfRoute(name) === null) return false;
    return this.me !== null && (this.me.role !== 'guest' || GUESTS_MAY.routes.has(name));
  }

  get status(): Status {
    return this.#world?.status ?? 'signed-out';
  }

  /**
   * The chat list: the room with the newest message first, archived ones among them. The same array until something in
   * it changes.
   */
  get rooms(): readonly RoomView[] {
    return (this.#world?.list.lists ?? NOTHING).rooms;
  }

  /** The threads I follow, as `rooms`. */
  get threads(): readonly RoomView[] {
    return (this.#world?.list.lists ?? NOTHING).threads;
  }

  /** What of `rooms` and `threads` asks for attention. The same object until it changes. */
  get totals(): Totals {
    return (this.#world?.list.lists ?? NOTHING).totals;
  }

  /** Ids of the people I block. The same set until it changes. */
  get blocked(): ReadonlySet<string> {
    return this.#world?.blocks.userIds ?? NOBODY;
  }

  /** How people appear, and how I do. Of this session: what was watched before signing in is not watched afterwards. */
  get presence(): PresenceWatch {
    return this.#world?.presence ?? this.#noPresence;
  }

  /** Grows with every change: a snapshot for `useSyncExternalStore`. */
  get version(): number {
    return this.#signal.version;
  }

  /** @throws ConfabError bad_input, username_taken */
  async signUp(input: { email: string; password: string; username: string; name?: string }): Promise<Profile> {
    return signedIn(await this.enter('signUp', input));
  }

  /**
   * By any way in. Where a second factor is asked for there is no session yet: its challenge goes, with a code, to
   * `enter('secondFactor', …)`.
   * @throws ConfabError as the route answers
   */
  async enter<N extends WayIn>(name: N, body: WayInBody<N>): Promise<Profile | SecondFactorNeeded> {
    const entered = await this.#session.enter(name, body);
    return 'secondFactor' in entered ? entered : this.#enter(entered);
  }

  /** With a password. @throws ConfabError invalid_credentials */
  signIn(input: WayInBody<'signIn'>): Promise<Profile | SecondFactorNeeded> {
    return this.enter('signIn', input);
  }

  /**
   * Takes up the session of the refresh cookie or of the stored refresh token; null when there is none any more.
   * @throws ConfabError account_banned, with why, when a ban has ended it; network: try again
   */
  async restore(): Promise<Profile | null> {
    const me = await this.#session.restore();
    return me && this.#enter(me);
  }

  /**
   * Ends the session on the server and here, and forgets this person's unsent messages.
   * @throws ConfabError network: the server could not be told, and the session goes on
   */
  async signOut(): Promise<void> {
    await this.#session.signOut();
    await this.#leave(true);
  }

  /**
   * Resolves when online with everything missed applied; keeps itself connected from then on, until `disconnect`. With an
   * API token it first asks who that speaks for.
   * @throws ConfabError unauthenticated when nobody is signed in, session_ended, network on `disconnect`; with an API token
   * also scope_missing, and whatever the first question is answered
   */
  async connect(): Promise<void> {
    if (this.#apiToken !== undefined && !this.#world) await this.#identify();
    await this.#signedIn().connect();
  }

  /** Rooms and outbox stay, and go on at the next `connect`. */
  disconnect(): void {
    this.#world?.disconnect();
  }

  /** The live room with this id: the same object each time, as long as the same person is signed in. */
  room(roomId: string): LiveRoom {
    return this.#signedIn().room(roomId);
  }

  /** Blocks someone: no direct messages either way, their messages hidden, no presence. They are not told. */
  async block(userId: string): Promise<void> {
    await this.call('block', { body: { userId } });
    await this.#world?.blocks.refresh();
  }

  /** Idempotent. */
  async unblock(userId: string): Promise<void> {
    await this.call('unblock', { params: { userId } });
    await this.#world?.blocks.refresh();
  }

  /** A person's profile from the cache; when missing it is fetched, and `subscribe` tells when it is there. */
  userById(userId: string): PublicUser | undefined {
    return this.#world?.users.get(userId);
  }

  async call<N extends RouteName>(name: N, ...[input]: CallArgs<N>): Promise<CallOutput<N>> {
    const { me } = this;
    const answer = await this.#session.call(name, input ?? ({} as CallInput<N>));
    if (me !== this.me) this.#signal.touch();
    return answer;
  }

  /** Calls `fn` after any change of anything shown here. Answers the way to stop. */
  subscribe(fn: () => void): () => void {
    return this.#signal.subscribe(fn);
  }

  /** Listens. Answers the way to stop. */
  on<E extends keyof ClientEvents>(event: E, fn: ClientEvents[E]): () => void {
    return this.#events.on(event, fn);
  }

  learn(users: readonly PublicUser[]): void {
    this.#world?.users.learn(users);
  }

  protected adopt(snapshot: RoomSnapshot): LiveRoom {
    return this.#signedIn().adopt(snapshot);
  }

  #signedIn(): World {
    const how = this.#apiToken === undefined ? 'Sign in first.' : 'Connect first.';
    if (!this.#world) throw new ConfabError('unauthenticated', how);
    return this.#world;
  }

  #identify(): Promise<Profile> {
    this.#identifying ??= this.#session
      .identify()
      .then((me) => this.#enter(me))
      .finally(() => (this.#identifying = undefined));
    return this.#identifying;
  }

  async #enter(me: Profile): Promise<Profile> {
    await this.#world?.stop(false);
    const { url, store, clock, random } = this.#options;
    const world = new World({
      url,
      me,
      session: this.#session,
      store,
      clock,
      random,
      events: this.#events,
      onChange: () => this.#signal.touch(),
      onStatus: () => this.#onStatus(),
    });
    this.#world = world;
    await world.restore();
    this.#onStatus();
    return me;
  }

  async #leave(forget: boolean): Promise<void> {
    const world = this.#world;
    this.#world = undefined;
    this.#onStatus();
    await world?.stop(forget);
  }

  #onStatus(): void {
    const { status } = this;
    if (status !== this.#lastStatus) this.#events.emit('status', (this.#lastStatus = status));
    this.#signal.touch();
  }
}

function signedIn(entered: Profile | SecondFactorNeeded): Profile {
  if ('secondFactor' in entered) throw new Error('a new account has no second factor');
  return entered;
}
