import { type ClientEventParsed, type Presence, ProtocolError } from '@confab/protocol';
import type { Bus, Channel, EventFrame, Unsubscribe } from '../../platform/bus/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db/index.ts';
import type { Logger } from '../../platform/log.ts';
import type { Change, Liveness, PresenceStore } from '../../platform/presence/index.ts';
import type { PersonalData } from '../../platform/personal-data.ts';
import type { Connection } from '../../platform/realtime/index.ts';
import type { Task } from '../../platform/upkeep/index.ts';
import type { DemandLive } from '../accounts/index.ts';
import { preferencesOf, SharedRooms } from '../rooms/index.ts';
import type { Automod, Blocks, Silences } from '../safety/index.ts';
import { LastSeen } from './last-seen.ts';
import { presencePersonalData } from './personal-data.ts';
import { present, saveStatus, statusesOf } from './statuses.ts';
import { sweepTask } from './sweep.ts';
import { Watching } from './watching.ts';

export interface PresenceDeps {
  db: Database;
  bus: Bus;
  clock: Clock;
  log: Logger;
  store: PresenceStore;
  blocks: Blocks;
  silences: Silences;
  demandLive: DemandLive;
  automod: Pick<Automod, 'demandWording'>;
}

/**
 * How people appear to those who share a room with them, except across a block; to everybody else as not there. A change is
 * published once, on the channel of that person, and reaches only nodes where somebody looks; what it costs does not depend
 * on rooms or members.
 */
export class PresenceService {
  readonly personalData: PersonalData;
  readonly tasks: readonly Task[];
  readonly #deps: PresenceDeps;
  readonly #watching: Watching;
  readonly #lastSeen: LastSeen;
  readonly #open = new Set<string>();
  /** Of devices that came and went: what is left to be done. */
  readonly #pending = new Set<Promise<void>>();
  #unsubscribe: Unsubscribe = () => {};

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
    this.personalData = presencePersonalData(deps);
    this.tasks = [sweepTask(deps)];
    this.#lastSeen = new LastSeen(deps.db);
    const sharedRooms = new SharedRooms(deps);
    this.#watching = new Watching({ ...deps, sharedRooms, load: (userIds) => this.#presencesOf(userIds) });
  }

  async start(): Promise<void> {
    this.#unsubscribe = await this.#deps.bus.subscribe('caches', (frame) => {
      if (frame.event === 'caches:stale') this.#watching.touch(frame.payload.blocks ?? []);
    });
    await this.#deps.store.start((people, agoMs) => this.#later(this.#told(people, agoMs)));
  }

  /** This node hears of it: who comes into a room, or goes, finds or loses people who may look at them. */
  told(_channel: Channel, frame: EventFrame): void {
    if (frame.event === 'member') this.#watching.moved([frame.payload.member.userId]);
  }

  /** A connection is there, in use. */
  opened(connection: Connection): void {
    this.#open.add(connection.id);
    this.#later(this.#put(connection, false));
  }

  /** A connection is gone, and with it what it watched. */
  closed(connection: Connection): void {
    this.#open.delete(connection.id);
    this.#watching.forget(connection);
    this.#later(this.#deps.store.remove(connection.id).then((change) => this.#apply(connection.actor.userId, change)));
  }

  /**
   * Changes how the person appears. Answers how they do now.
   * @throws ProtocolError session_ended; silenced: a text or emoji of who is; text_rejected
   */
  async set(connection: Connection, input: ClientEventParsed<'presence:set'>): Promise<Presence> {
    const { userId } = connection.actor;
    const { idle, ...change } = input;
    if ((change.text ?? '') !== '' || (change.emoji ?? null) !== null) await this.#deps.silences.demandVoice(userId);
    await this.#deps.automod.demandWording(this.#deps.db, { text: change.text });
    if (Object.values(change).some((value) => value !== undefined)) {
      await this.#deps.db.transaction(async (tx) => {
        await this.#deps.demandLive(tx, connection.actor);
        await saveStatus(tx, userId, change, this.#deps.clock.now());
      });
      this.#publish(userId);
    }
    if (idle !== undefined && this.#open.has(connection.id)) await this.#put(connection, idle);
    const presence = (await this.#presencesOf([userId])).get(userId);
    if (presence === undefined) throw new Error('everyone appears somehow');
    return presence;
  }

  /** Answers how these people appear; the connection is told of changes from here on, and of nobody else’s. */
  async watch(connection: Connection, userIds: readonly string[]): Promise<Presence[]> {
    // Asked, and gone before it was answered: it would be remembered for good.
    if (!this.#open.has(connection.id)) throw new ProtocolError('unavailable');
    return this.#watching.watch(connection, userIds);
  }

  /** Resolves once everything of connections that are gone is noted. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#watching.stop();
    await Promise.all(this.#pending);
    await this.#lastSeen.written();
    await this.#deps.store.close();
  }

  async #put(connection: Connection, idle: boolean): Promise<void> {
    const { userId } = connection.actor;
    await this.#apply(userId, await this.#deps.store.put({ connectionId: connection.id, userId, idle }));
  }

  async #apply(userId: string, { before, after }: Change): Promise<void> {
    if (before !== after) await this.#told(new Map([[userId, after]]), 0);
  }

  async #told(people: ReadonlyMap<string, Liveness | null>, agoMs: number): Promise<void> {
    const gone = [...people.keys()].filter((userId) => people.get(userId) === null);
    // Noted before it is told: who looks it up then finds it.
    if (gone.length > 0) await this.#lastSeen.note(gone, this.#deps.clock.now() - agoMs);
    for (const userId of people.keys()) this.#publish(userId);
  }

  #publish(userId: string): void {
    this.#deps.bus.publish(`presence:${userId}`, { event: 'presence:changed', payload: { userId } });
  }

  async #presencesOf(userIds: readonly string[]): Promise<Map<string, Presence>> {
    const { db, store, clock } = this.#deps;
    const [liveness, statuses, preferences] = await Promise.all([
      store.read(userIds),
      statusesOf(db, userIds),
      preferencesOf(db, userIds),
    ]);
    return new Map(
      userIds.map((id) => {
        const sharesLastSeen = preferences.get(id)?.shareLastSeen ?? true;
        return [id, present(id, liveness.get(id), statuses.get(id), sharesLastSeen, clock.now())];
      }),
    );
  }

  #later(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => this.#deps.log.warn({ err: error }, 'a change of presence was not passed on'))
      .finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }
}
