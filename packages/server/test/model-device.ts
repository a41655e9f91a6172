/** A device of the model test: the SDK's replicas fed by a real connection, whose events may be lost on the way. */
import type { RoomChanges } from '@confab/protocol';
import { io } from 'socket.io-client';
import { fromSnapshot, fromSummary, joinChanges, type RoomEvent } from '../../sdk/src/reducer.ts';
import { Replica } from '../../sdk/src/replica.ts';
import type { RoomState } from '../../sdk/src/types.ts';
import { FakeClock } from '../src/platform/clock.ts';
import { type Fate, mangle } from './model-commands.ts';
import { connect, type Connected, type Person, Refusal } from './person.ts';

/** ms after which a replica takes a missing change for lost, and more. */
const LATE = 1000;
/** Questions after which a device that asks must be complete. */
const PATIENCE = 3;

type Heard = RoomEvent | { event: 'blocks'; payload: { userIds: string[] } };
export class Device {
  readonly #person: Person;
  readonly #clock = new FakeClock();
  readonly #rooms = new Map<string, Replica>();
  #connection: Connected | null = null;
  #late: RoomEvent[] = [];
  #blocked: ReadonlySet<string> = new Set();
  /** They are others than before: what is shown of their messages may have changed. */
  #isRejudging = false;
  /** Rooms whose events cannot go on alone. */
  readonly #gaps = new Set<string>();
  /** A room is new, or is to be taken afresh. */
  #incomplete = false;

  constructor(person: Person) {
    this.#person = person;
  }

  get connection(): Connected | null {
    return this.#connection;
  }

  /** What it shows, by room: those it is in. */
  get states(): ReadonlyMap<string, RoomState> {
    const known = [...this.#rooms].flatMap(([id, replica]) =>
      replica.state && !replica.state.gone ? [[id, replica.state] as const] : [],
    );
    return new Map(known);
  }

  /** Forgets everything but its connection. */
  forget(): void {
    this.#rooms.clear();
    this.#late = [];
    this.#blocked = new Set();
    this.#isRejudging = false;
    this.#gaps.clear();
    this.#incomplete = false;
    if (this.#connection) this.#connection.events.length = 0;
  }

  /** A fresh connection, and the repair of what was missed. */
  async resume(url: string): Promise<void> {
    if (this.#connection === null) {
      const auth = { token: this.#person.signedIn.accessToken };
      const socket = io(url, { auth, transports: ['websocket'], forceNew: true, reconnection: false });
      const connected = connect(socket);
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('connect_error', reject);
      });
      this.#connection = connected;
    }
    await this.sync();
  }

  /** The link breaks: what was under way is lost. */
  drop(): void {
    this.#connection?.socket.disconnect();
    this.#connection = null;
    this.#late = [];
  }

  /** Shows a room, if it is theirs. */
  async open(roomId: string): Promise<void> {
    const replica = this.#rooms.get(roomId);
    if (replica === undefined) return;
    replica.hold();
    const snapshot = await this.#link.ask('room:join', { roomId }).catch(gone);
    if (snapshot === null) this.#rooms.delete(roomId);
    else replica.load(fromSnapshot(snapshot, this.#person.id));
  }

  /** Takes in the events that have arrived since the last time, mangled, and repairs what is seen to be missing. */
  async hear(fates: readonly Fate[]): Promise<void> {
    // An answer follows every frame written before it on the same connection.
    await this.#link.ask('heartbeat', {});
    const arrived = this.#link.events.splice(0) as Heard[];
    const { now, later } = mangle(arrived.filter(isRoomEvent), fates);
    for (const event of [...now, ...this.#late]) this.#receive(event);
    this.#late = later;
    // What was said before a block does not come after it: one connection, and the order of commits.
    for (const event of arrived) if (event.event === 'blocks') this.#learnBlocks(event.payload.userIds);
    if (this.#isRejudging) this.#late = [];
    await this.#repair();
  }

  /** What the SDK does on every connection: everything missed, in all rooms at once. */
  async sync(): Promise<void> {
    await this.#syncOnce();
    await this.#repair();
  }

  // What is still missing when nothing is late any more is asked for.
  async #repair(): Promise<void> {
    for (let i = 0; i < PATIENCE; i += 1) {
      await this.#clock.advance(LATE);
      if (!this.#incomplete && !this.#isRejudging && this.#gaps.size === 0) return;
      const gaps = [...this.#gaps];
      this.#gaps.clear();
      for (const roomId of gaps) await this.#catchUp(roomId);
      if (this.#incomplete || this.#isRejudging) await this.#syncOnce();
    }
    throw new Error('a device is not complete after having asked for everything');
  }

  async #catchUp(roomId: string): Promise<void> {
    const replica = this.#rooms.get(roomId);
    let joined: RoomChanges | undefined;
    do {
      const since = joined?.rev ?? replica?.state?.rev ?? 0;
      const asked = this.#person.call('changes', { params: { roomId }, query: { since: String(since) } });
      const page = await asked.catch(gone);
      if (page === null) return void this.#rooms.delete(roomId);
      joined = joinChanges(joined, page);
    } while (joined.hasMore);
    if (replica?.catchUp(joined) === 'reload') await this.open(roomId);
  }

  get #link(): Connected {
    if (this.#connection === null) throw new Error('not connected');
    return this.#connection;
  }

  // The same people as before change nothing: then what is shown of them must be right already.
  #learnBlocks(userIds: readonly string[]): void {
    if (userIds.length === this.#blocked.size && userIds.every((id) => this.#blocked.has(id))) return;
    this.#blocked = new Set(userIds);
    this.#isRejudging = true;
  }

  #receive(event: RoomEvent): void {
    const replica = this.#rooms.get(event.payload.roomId);
    if (replica?.state && !replica.state.gone) replica.receive(event);
    // A room that is new to this device comes with a sync.
    else if (event.event === 'member' && event.payload.member.userId === this.#person.id) this.#incomplete = true;
  }

  async #syncOnce(): Promise<void> {
    const { userIds } = await this.#person.call('blocks', {});
    this.#incomplete = false;
    this.#learnBlocks(userIds);
    const reopen = this.#isRejudging ? this.#forgetMisjudged() : [];
    this.#isRejudging = false;
    const known = new Map([...this.states].map(([id, { rev, me }]) => [id, { rev, mine: me.mine }]));
    const partial = new Map<string, RoomChanges>();
    const reload = new Set<string>();
    for (let hasMore = true; hasMore;) {
      const answer = await this.#link.ask('sync', { rooms: [...known].map(([roomId, at]) => ({ roomId, ...at })) });
      for (const { roomId, events } of answer.replayed) {
        const replica = this.#rooms.get(roomId);
        for (const event of events) replica?.receive(event);
        replica?.release();
      }
      for (const changes of answer.changed) {
        const { room, me } = changes.summary;
        known.set(room.id, { rev: changes.rev, mine: me.mine });
        const joined = joinChanges(partial.get(room.id), changes);
        partial.set(room.id, joined);
        if (!joined.hasMore && this.#rooms.get(room.id)?.catchUp(joined) === 'reload') reload.add(room.id);
      }
      for (const summary of answer.added) {
        const { room, me } = summary;
        known.set(room.id, { rev: room.rev, mine: me.mine });
        const replica = this.#newReplica(room.id);
        this.#rooms.set(room.id, replica);
        replica.load(fromSummary(summary, this.#person.id));
      }
      for (const roomId of answer.gone) this.#rooms.delete(roomId);
      for (const roomId of answer.gone) known.delete(roomId);
      hasMore = answer.hasMore;
    }
    for (const roomId of [...reload, ...reopen]) await this.open(roomId);
  }

  // Whoever is blocked, or no longer, has messages here that look different now: those rooms are taken afresh. Answers
  // the open ones.
  #forgetMisjudged(): string[] {
    const misjudged = [...this.states.values()].filter((state) => this.#isMisjudged(state));
    for (const { roomId } of misjudged) this.#rooms.delete(roomId);
    return misjudged.filter((state) => state.open).map((state) => state.roomId);
  }

  #isMisjudged({ messages, lastMessage }: RoomState): boolean {
    return [...messages, ...(lastMessage ? [lastMessage] : [])].some(
      ({ kind, senderId, hidden }) => kind !== 'system' && this.#blocked.has(senderId) !== (hidden === true),
    );
  }

  #newReplica(roomId: string): Replica {
    return new Replica({
      meId: this.#person.id,
      clock: this.#clock,
      onChange: () => {},
      onGap: () => void this.#gaps.add(roomId),
    });
  }
}

function gone(error: unknown): null {
  if (error instanceof Refusal && error.body.code === 'not_found') return null;
  throw error;
}

function isRoomEvent(heard: Heard): heard is RoomEvent {
  return ['message', 'room', 'member', 'read', 'me'].includes(heard.event);
}
