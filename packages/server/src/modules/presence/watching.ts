/** Who on this node looks at whom, and telling them of changes. */
import type { Presence } from '@confab/protocol';
import type { Bus, Unsubscribe } from '../../platform/bus/index.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import type { Connection } from '../../platform/realtime/index.ts';
import type { SharedRooms } from '../rooms/index.ts';
import type { Blocks } from '../safety/index.ts';
import { unseen } from './statuses.ts';

/** Changes are gathered for this long: a connection is told at most this often. */
const GATHER_MS = 1000;
/** Hints may be lost: everyone who is looked at is looked up again this often, and so is who may look at them. */
const REFRESH_MS = 60_000;
/** Connections whose people are asked about together. */
const ASKED_AT_ONCE = 100;
/** The longest a timer takes (2^31 - 1 ms). */
const MAX_TIMER_MS = 2_147_483_647;

export interface WatchingDeps {
  bus: Bus;
  clock: Clock;
  log: Logger;
  blocks: Blocks;
  sharedRooms: SharedRooms;
  /** How people appear now, each of `userIds`. */
  load(userIds: readonly string[]): Promise<Map<string, Presence>>;
}

/** Someone who is looked at. */
interface Watched {
  watchers: Set<Watcher>;
  live: Promise<Unsubscribe>;
  /** What watchers were told last; undefined until it is loaded. */
  known: Presence | undefined;
  /** Runs out when the custom status does. */
  ending: Timer | undefined;
}

/** A connection that looks at people. */
interface Watcher {
  connection: Connection;
  userIds: ReadonlySet<string>;
  /** Those of them who are in no room with its person, as far as is known. */
  strangers: Set<string>;
  /** Those of them who are shown as not there: strangers, and people across a block. */
  apart: Set<string>;
}

export class Watching {
  readonly #deps: WatchingDeps;
  readonly #watched = new Map<string, Watched>();
  readonly #watchers = new Map<string, Watcher>();
  readonly #changed = new Set<string>();
  /** Who came into rooms, or went. */
  readonly #moved = new Set<string>();
  readonly #refresher: Timer;
  #gathering: Timer | undefined;
  #loading: Promise<void> = Promise.resolve();

  constructor(deps: WatchingDeps) {
    this.#deps = deps;
    this.#refresher = deps.clock.setInterval(() => {
      this.moved([...this.#watchers.values()].map(viewerOf));
      this.touch([...this.#watched.keys()]);
    }, REFRESH_MS);
  }

  /**
   * From here on the connection is told of changes of these people, and of nobody else. Answers how they appear, in the
   * order asked for.
   */
  async watch(connection: Connection, userIds: readonly string[]): Promise<Presence[]> {
    const ids = [...new Set(userIds)];
    const watcher = this.#watchers.get(connection.id) ?? newWatcher(connection);
    this.#watchers.set(connection.id, watcher);
    const before = watcher.userIds;
    watcher.userIds = new Set(ids);
    const entries = ids.map((userId) => this.#look(watcher, userId));
    for (const userId of before) if (!watcher.userIds.has(userId)) this.#lookAway(watcher, userId);

    await Promise.all([this.#meet(watcher, ids), this.#load(ids, entries)]);
    const viewer = viewerOf(watcher);
    const blocks = (await this.#blocksOf([viewer])).get(viewer);
    return ids.map((id, i) => {
      const known = entries[i]?.known;
      const apart = watcher.strangers.has(id) || blocks?.has(id) === true;
      if (apart) watcher.apart.add(id);
      else watcher.apart.delete(id);
      return known === undefined || apart ? unseen(id) : known;
    });
  }

  /** The connection is gone. */
  forget(connection: Connection): void {
    const watcher = this.#watchers.get(connection.id);
    if (watcher === undefined) return;
    this.#watchers.delete(connection.id);
    for (const userId of watcher.userIds) this.#lookAway(watcher, userId);
  }

  /** Something about these people, or about who may see them, may have changed. */
  touch(userIds: readonly string[]): void {
    for (const userId of userIds) if (this.#watched.has(userId)) this.#changed.add(userId);
    if (this.#changed.size > 0) this.#gather();
  }

  /** These people came into rooms, or went: they may have found or lost whom they look at, and who looks at them. */
  moved(userIds: readonly string[]): void {
    if (this.#watchers.size === 0) return;
    for (const userId of userIds) this.#moved.add(userId);
    this.#gather();
  }

  async stop(): Promise<void> {
    this.#refresher.cancel();
    this.#gathering?.cancel();
    for (const watcher of this.#watchers.values()) this.forget(watcher.connection);
    await this.#loading;
  }

  #look(watcher: Watcher, userId: string): Watched {
    let entry = this.#watched.get(userId);
    if (entry === undefined) {
      const live = this.#deps.bus.subscribe(`presence:${userId}`, () => this.touch([userId]));
      entry = { watchers: new Set(), live, known: undefined, ending: undefined };
      this.#watched.set(userId, entry);
    }
    if (!entry.watchers.has(watcher)) {
      entry.watchers.add(watcher);
      // Until it is known that they share a room.
      watcher.strangers.add(userId);
      watcher.apart.add(userId);
    }
    return entry;
  }

  #lookAway(watcher: Watcher, userId: string): void {
    const entry = this.#watched.get(userId);
    watcher.strangers.delete(userId);
    watcher.apart.delete(userId);
    if (entry === undefined || !entry.watchers.delete(watcher) || entry.watchers.size > 0) return;
    this.#watched.delete(userId);
    this.#changed.delete(userId);
    entry.ending?.cancel();
    void entry.live.then((unsubscribe) => unsubscribe());
  }

  async #load(userIds: readonly string[], entries: readonly Watched[]): Promise<void> {
    await Promise.all(entries.map((entry) => entry.live));
    const missing = userIds.filter((_, i) => entries[i]?.known === undefined);
    if (missing.length > 0) await this.#refresh(missing);
  }

  // Asks anew which of `userIds` are strangers; answers of whom that has changed. What was asked last is answered last.
  async #meet(watcher: Watcher, userIds: readonly string[]): Promise<string[]> {
    const viewer = viewerOf(watcher);
    const shared = await this.#deps.sharedRooms.among(viewer, userIds);
    return userIds.filter((id) => {
      if (!watcher.userIds.has(id)) return false;
      const isStranger = id !== viewer && !shared.has(id);
      const was = watcher.strangers.has(id);
      if (isStranger) watcher.strangers.add(id);
      else watcher.strangers.delete(id);
      return was !== isStranger;
    });
  }

  async #meetAgain(moved: ReadonlySet<string>): Promise<string[]> {
    const asked = new Map<Watcher, Set<string>>();
    for (const userId of moved) {
      for (const watcher of this.#watched.get(userId)?.watchers ?? []) {
        asked.set(watcher, (asked.get(watcher) ?? new Set()).add(userId));
      }
    }
    for (const watcher of this.#watchers.values()) {
      if (moved.has(viewerOf(watcher))) asked.set(watcher, new Set(watcher.userIds));
    }
    const all = [...asked];
    for (const [watcher, userIds] of all) this.#deps.sharedRooms.forget([viewerOf(watcher), ...userIds]);
    const changed: string[] = [];
    while (all.length > 0) {
      const met = all.splice(-ASKED_AT_ONCE).map(([watcher, userIds]) => this.#meet(watcher, [...userIds]));
      changed.push(...(await Promise.all(met)).flat());
    }
    return changed;
  }

  #gather(): void {
    this.#gathering ??= this.#deps.clock.setTimeout(() => this.#tell(), GATHER_MS);
  }

  #tell(): void {
    this.#gathering = undefined;
    const userIds = [...this.#changed];
    const moved = new Set(this.#moved);
    this.#changed.clear();
    this.#moved.clear();
    this.#tellOf(userIds, moved).catch((error: unknown) => {
      this.#deps.log.warn({ err: error }, 'changes of presence could not be looked up');
      this.moved([...moved]);
      this.touch(userIds);
    });
  }

  async #tellOf(userIds: readonly string[], moved: ReadonlySet<string>): Promise<void> {
    const changed = new Set([...userIds, ...(await this.#meetAgain(moved))]);
    if (changed.size > 0) await this.#refresh([...changed]);
  }

  // One after the other, so that nobody is told of an older state last.
  #refresh(userIds: readonly string[]): Promise<void> {
    const loaded = this.#loading.then(() => this.#lookUp(userIds));
    this.#loading = loaded.catch(() => undefined);
    return loaded;
  }

  async #lookUp(userIds: readonly string[]): Promise<void> {
    const [presences, blocks] = await Promise.all([this.#deps.load(userIds), this.#blocksOf(userIds)]);
    const news = new Map<Watcher, Presence[]>();
    for (const [userId, presence] of presences) {
      const entry = this.#watched.get(userId);
      if (entry === undefined) continue;
      const before = entry.known;
      entry.known = presence;
      this.#awaitEnd(userId, entry, presence);
      // Whoever asked and was not answered yet is answered, not told.
      if (before === undefined) continue;
      const changed = !same(before, presence);
      for (const watcher of entry.watchers) {
        const apart = watcher.strangers.has(userId) || blocks.get(userId)?.has(viewerOf(watcher)) === true;
        const one = newsFor(watcher, presence, changed, apart);
        if (one !== undefined) news.set(watcher, [...(news.get(watcher) ?? []), one]);
      }
    }
    for (const [{ connection }, users] of news) connection.tell('presence', { users });
  }

  #awaitEnd(userId: string, entry: Watched, { until }: Presence): void {
    entry.ending?.cancel();
    entry.ending = undefined;
    if (until === null) return;
    const left = Math.min(until - this.#deps.clock.now(), MAX_TIMER_MS);
    entry.ending = this.#deps.clock.setTimeout(() => this.touch([userId]), left);
  }

  // For each person: whom they block, and who blocks them.
  async #blocksOf(userIds: readonly string[]): Promise<Map<string, ReadonlySet<string>>> {
    const { blocks } = this.#deps;
    const [blocked, blockers] = await Promise.all([blocks.blockedBy(userIds), blocks.blockersOf(userIds)]);
    return new Map(
      userIds.map((id) => [id, new Set([...(blocked.get(id) ?? NOBODY), ...(blockers.get(id) ?? NOBODY)])]),
    );
  }
}

const NOBODY: ReadonlySet<string> = new Set();

function newWatcher(connection: Connection): Watcher {
  return { connection, userIds: new Set(), strangers: new Set(), apart: new Set() };
}

function viewerOf({ connection }: Watcher): string {
  return connection.actor.userId;
}

// What this watcher must be told of the person, if anything.
function newsFor(watcher: Watcher, presence: Presence, changed: boolean, isApart: boolean): Presence | undefined {
  const { userId } = presence;
  if (isApart) {
    if (watcher.apart.has(userId)) return undefined;
    watcher.apart.add(userId);
    return unseen(userId);
  }
  return watcher.apart.delete(userId) || changed ? presence : undefined;
}

function same(a: Presence, b: Presence): boolean {
  return (
    a.status === b.status &&
    a.text === b.text &&
    a.emoji === b.emoji &&
    a.until === b.until &&
    a.lastSeen === b.lastSeen
  );
}
