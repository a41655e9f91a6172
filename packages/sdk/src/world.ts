/** Everything one signed-in person has: connection, rooms, outbox. Made at sign-in, stopped at its end. */
import type {
  ClientEventInput,
  ClientEventName,
  ClientEventOutput,
  MatchState,
  Profile,
  RoomSnapshot,
} from '@confab/protocol';
import { Blocks } from './blocks.ts';
import { Connection, type ServerFrame } from './connection.ts';
import type { Clock } from './clock.ts';
import { deferred, type Deferred } from './deferred.ts';
import { ConfabError, toConfabError } from './error.ts';
import { LiveRoom } from './live-room.ts';
import { Outbox } from './outbox.ts';
import { PresenceWatch } from './presence.ts';
import { fromSnapshot } from './reducer.ts';
import { RoomCore } from './room-core.ts';
import type { RoomHost } from './room-host.ts';
import { RoomList } from './room-list.ts';
import type { Session } from './session.ts';
import type { Emitter } from './signal.ts';
import type { LocalStore } from './store.ts';
import { Sync } from './sync.ts';
import type { ClientEvents, OutboxItem, Status } from './types.ts';
import { Users } from './users.ts';

interface WorldOptions {
  url: string;
  me: Profile;
  session: Session;
  store: LocalStore;
  clock: Clock;
  random: () => number;
  events: Emitter<ClientEvents>;
  /** Anything that is shown has changed. */
  onChange: () => void;
  /** `status` may have changed. */
  onStatus: () => void;
}

/** ms between checks that nothing was missed, give or take a quarter. */
const CHECK_EVERY = 60_000;

export class World {
  readonly users: Users;
  readonly list: RoomList;
  readonly presence: PresenceWatch;
  readonly blocks: Blocks;
  readonly #options: WorldOptions;
  readonly #host: RoomHost;
  readonly #outbox: Outbox;
  readonly #connection: Connection;
  readonly #sync: Sync;
  readonly #cores = new Map<string, RoomCore>();
  readonly #rooms = new Map<string, LiveRoom>();
  /** How things stand with a stranger, as far as was told. */
  #match: MatchState = { state: 'idle' };
  #isSynced = false;
  #check: { cancel(): void } | undefined;
  #connecting: Deferred<void> | undefined;

  constructor(options: WorldOptions) {
    this.#options = options;
    const { me, session, store, clock, random, events } = options;
    this.users = new Users({
      fetch: (userId) => session.call('user', { params: { userId } }),
      onChange: () => this.#changed(),
    });
    this.#connection = new Connection({
      url: options.url,
      session,
      clock,
      random,
      onFrame: (frame) => this.#receive(frame),
      onUp: () => this.#onUp(),
      onChange: () => this.#onConnection(),
      onError: (error) => events.emit('error', error),
    });
    this.#outbox = new Outbox({
      meId: me.id,
      store,
      clock,
      random,
      send: (item) => this.#connection.request('message:send', contentOf(item)),
      online: () => this.#isSynced,
      onChange: (roomId) => {
        this.#core(roomId).signal.touch();
        this.#changed();
      },
      onStored: (message) => this.#core(message.roomId).receiveMessage(message),
      onError: (error) => events.emit('error', error),
    });
    this.#host = {
      me,
      clock,
      random,
      outbox: this.#outbox,
      ready: () => this.#isSynced && !this.#sync.running,
      request: (event, input) => this.#connection.request(event, input),
      call: (name, input) => session.call(name, input),
      learn: (users) => this.users.learn(users),
      blocked: () => (this.blocks.isKnown ? this.blocks.userIds : null),
      changed: () => this.#changed(),
      announce: (message) => events.emit('message', message),
      heard: () => events.has('message'),
      report: (error) => events.emit('error', error),
    };
    this.#sync = new Sync(this.#host, this.#cores, (roomId) => this.#core(roomId));
    this.list = new RoomList({
      rooms: this.#cores,
      users: this.users,
      outbox: this.#outbox,
      clock,
      onChange: () => options.onChange(),
    });
    this.presence = new PresenceWatch({
      request: (event, input) => this.#connection.request(event, input),
      online: () => this.#connection.state === 'up',
      onChange: () => options.onChange(),
      onError: (error) => events.emit('error', error),
    });
    this.blocks = new Blocks({
      fetch: () => session.call('blocks', {}),
      learn: (users) => this.users.learn(users),
      onChange: () => this.#recheckBlocked(),
    });
    this.users.learn([me]);
  }

  get status(): Status {
    if (this.#isSynced) return 'online';
    return this.#connection.state === 'down' ? 'offline' : 'connecting';
  }

  /** Takes up the messages an earlier run could not send. */
  restore(): Promise<void> {
    return this.#outbox.restore();
  }

  connect(): Promise<void> {
    if (this.#isSynced) return Promise.resolve();
    this.#connecting ??= deferred();
    this.#connection.start();
    return this.#connecting.promise;
  }

  disconnect(): void {
    this.#end(ConfabError.network('Disconnected before it was connected.'));
  }

  /** For good. With `forget`, unsent messages are deleted from the store. */
  async stop(forget: boolean): Promise<void> {
    this.#end(new ConfabError('session_ended', 'The session has ended.'));
    for (const core of this.#cores.values()) core.stop();
    this.list.stop();
    await this.#outbox.stop(forget);
  }

  room(roomId: string): LiveRoom {
    const room =
      this.#rooms.get(roomId) ?? new LiveRoom(this.#core(roomId), this.#host, (snapshot) => this.adopt(snapshot));
    this.#rooms.set(roomId, room);
    return room;
  }

  /** One event, and its answer. @throws ConfabError */
  request<N extends ClientEventName>(event: N, input: ClientEventInput<N>): Promise<ClientEventOutput<N>> {
    return this.#connection.request(event, input);
  }

  /** A room the server just told of in answer to a call. */
  adopt(snapshot: RoomSnapshot): LiveRoom {
    const { me } = this.#options;
    this.users.learn(snapshot.users);
    const core = this.#core(snapshot.room.id);
    if (!core.isMine) core.load(fromSnapshot(snapshot, me.id), snapshot.me.lastReadN ?? 0, true);
    return this.room(snapshot.room.id);
  }

  #end(error: ConfabError): void {
    this.#connection.stop();
    this.#connecting?.reject(error);
    this.#connecting = undefined;
  }

  #core(roomId: string): RoomCore {
    const core = this.#cores.get(roomId) ?? new RoomCore(roomId, this.#host);
    this.#cores.set(roomId, core);
    return core;
  }

  #changed(): void {
    this.list.invalidate();
    this.#options.onChange();
  }

  #receive(frame: Exclude<ServerFrame, { event: 'session:ended' }>): void {
    if (frame.event === 'presence') return this.presence.receive(frame.payload.users);
    if (frame.event === 'blocks') return this.blocks.receive(frame.payload.userIds);
    if (frame.event === 'match' || frame.event === 'notice' || frame.event === 'moderation') return this.#tell(frame);
    if (frame.event === 'typing') return this.#cores.get(frame.payload.roomId)?.typing.receive(frame.payload.userId);
    if ('user' in frame.payload) this.users.learn([frame.payload.user]);
    const core = this.#core(frame.payload.roomId);
    // Of a room I left, only my return is of interest: it comes with all my rooms.
    const isGone = core.state?.gone === true;
    const isMyself = frame.event === 'member' && frame.payload.member.userId === this.#options.me.id;
    if (!isGone) core.receive(frame);
    if (!core.isMine && (!isGone || isMyself)) void this.#syncAll();
  }

  // Of no room: whoever shows it listens.
  #tell(frame: Extract<ServerFrame, { event: 'match' | 'notice' | 'moderation' }>): void {
    const { events } = this.#options;
    if (frame.event === 'match') events.emit('match', (this.#match = frame.payload));
    else if (frame.event === 'notice') events.emit('notice', frame.payload.notice, frame.payload.unseen);
    else events.emit('moderation', frame.payload);
  }

  #onConnection(): void {
    if (this.#connection.state !== 'up') {
      this.#isSynced = false;
      this.#check?.cancel();
      for (const core of this.#cores.values()) core.typing.clear();
    }
    this.#options.onStatus();
  }

  async #onUp(): Promise<void> {
    this.presence.resume();
    if (this.#match.state !== 'idle') void this.#askMatch();
    try {
      await Promise.all([this.#sync.all(), this.blocks.refresh()]);
    } catch (thrown) {
      const error = toConfabError(thrown);
      // An API token will never be allowed more.
      if (error.code === 'scope_missing') return this.#end(error);
      throw error;
    }
    // It may have been cut while the last answer was on its way through the microtasks.
    if (this.#connection.state !== 'up') return;
    this.#isSynced = true;
    // Rooms may have been taken before it was known whom I block.
    for (const core of this.#cores.values()) core.recheckBlocked();
    this.#resume();
    this.#outbox.flush();
    this.#scheduleCheck();
    this.#connecting?.resolve();
    this.#connecting = undefined;
    this.#onConnection();
  }

  // What was told of it while there was no connection is not told again.
  async #askMatch(): Promise<void> {
    const known = this.#match;
    try {
      const state = await this.#connection.request('match:state', {});
      if (known !== this.#match || JSON.stringify(state) === JSON.stringify(known)) return;
      this.#options.events.emit('match', (this.#match = state));
    } catch (thrown) {
      const error = toConfabError(thrown);
      if (!error.retryable) this.#options.events.emit('error', error);
    }
  }

  #resume(): void {
    for (const core of this.#cores.values()) core.resume();
  }

  #recheckBlocked(): void {
    for (const core of this.#cores.values()) core.recheckBlocked();
    this.#options.onChange();
  }

  async #syncAll(): Promise<void> {
    try {
      await this.#sync.all();
    } catch (thrown) {
      const error = toConfabError(thrown);
      if (!error.retryable) this.#options.events.emit('error', error);
    }
    if (this.#isSynced) this.#resume();
  }

  // Events are hints: one that was lost without a later one to show it is found here.
  #scheduleCheck(): void {
    const { clock, random } = this.#options;
    this.#check?.cancel();
    this.#check = clock.setTimeout(
      () => {
        this.#scheduleCheck();
        void this.#syncAll();
        void this.blocks.refresh().catch(() => undefined);
      },
      CHECK_EVERY * (0.75 + random() / 2),
    );
  }
}

function contentOf({ roomId, clientId, replyTo, body, poll, forward }: OutboxItem) {
  const content = poll ? { poll } : forward ? { forward } : { body };
  return { roomId, clientId, replyTo, ...content };
}
