/** Who on this node looks at whom, and telling them of changes. */
import type { Presence } from '@confab/protocol';
import type { Bus, Unsubscribe } from '../../platform/bus/index.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import type { Connection } from '../../platform/realtime/index.ts';
import type { Blocks } from '../safety/index.ts';
import { unseen } from './statuses.ts';

/** Changes are gathered for this long: a connection is told at most this often. */
const GATHER_MS = 1000;
/** Hints may be lost: everyone who is looked at is looked up again this often. */
const REFRESH_MS = 60_000;
/** The longest a timer takes (2^31 - 1 ms). */
const MAX_TIMER_MS = 2_147_483_647;

export interface WatchingDeps {
  bus: Bus;
  clock: Clock;
  log: Logger;
  blocks: Blocks;
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
  /** Those of them who are shown as not there because of a block. */
  apart: Set<string>;
}

export class Watching {
  readonly #deps: WatchingDeps;
  readonly #watched = new Map<string, Watched>();
  readonly #watchers = new Map<string, Watcher>();
  readonly #changed = new Set<string>();
  readonly #refresher: Timer;
  #gathering: Timer | undefined;
  #loading: Promise<void> = Promise.resolve();

  constructor(deps: WatchingDeps) {
    this.#deps = deps;
    this.#refresher = deps.clock.setInterval(() => this.touch([...this.#watched.keys()]), REFRESH_MS);
  }

  /**
   * From here on the connection is told of changes of these people, and of nobody else. Answers how they appear, in the
   * order asked for.
   */
  async watch(connection: Connection, userIds: readonly string[]): Promise<Presence[]> {
    const ids = [...new Set(userIds)];
    const watcher = this.#watchers.get(connection.id) ?? { connection, userIds: new Set<string>(), apart: new Set() };
    this.#watchers.set(connection.id, watcher);
    const before = watcher.userIds;
    watcher.userIds = new Set(ids);
    const entries = ids.map((userId) => this.#look(watcher, userId));
    for (const userId of before) if (!watcher.userIds.has(userId)) this.#lookAway(watcher, userId);

    await Promise.all(entries.map((entry) => entry.live));
    const missing = ids.filter((_, i) => entries[i]?.known === undefined);
    if (missing.length > 0) await this.#refresh(missing);
    const { userId } = connection.actor;
    const apart = (await this.#apartFrom([userId])).get(userId) ?? new Set();
    return ids.map((id, i) => {
      const known = entries[i]?.known;
      if (apart.has(id)) watcher.apart.add(id);
      else watcher.apart.delete(id);
      return known === undefined || apart.has(id) ? unseen(id) : known;
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
    if (this.#changed.size > 0) this.#gathering ??= this.#deps.clock.setTimeout(() => this.#tell(), GATHER_MS);
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
    entry.watchers.add(watcher);
    return entry;
  }

  #lookAway(watcher: Watcher, userId: string): void {
    const entry = this.#watched.get(userId);
    watcher.apart.delete(userId);
    if (entry === undefined || !entry.watchers.delete(watcher) || entry.watchers.size > 0) return;
    this.#watched.delete(userId);
    this.#changed.delete(userId);
    entry.ending?.cancel();
    void entry.live.then((unsubscribe) => unsubscribe());
  }

  #tell(): void {
    this.#gathering = undefined;
    const userIds = [...this.#changed];
    this.#changed.clear();
    this.#refresh(userIds).catch((error: unknown) => {
      this.#deps.log.warn({ err: error }, 'changes of presence could not be looked up');
      this.touch(userIds);
    });
  }

  // One after the other, so that nobody is told of an older state last.
  #refresh(userIds: readonly string[]): Promise<void> {
    const loaded = this.#loading.then(() => this.#load(userIds));
    this.#loading = loaded.catch(() => undefined);
    return loaded;
  }

  async #load(userIds: readonly string[]): Promise<void> {
    const [presences, apart] = await Promise.all([this.#deps.load(userIds), this.#apartFrom(userIds)]);
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
        const one = newsFor(watcher, presence, changed, apart.get(userId));
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
  async #apartFrom(userIds: readonly string[]): Promise<Map<string, ReadonlySet<string>>> {
    const { blocks } = this.#deps;
    const [blocked, blockers] = await Promise.all([blocks.blockedBy(userIds), blocks.blockersOf(userIds)]);
    return new Map(
      userIds.map((id) => [id, new Set([...(blocked.get(id) ?? NOBODY), ...(blockers.get(id) ?? NOBODY)])]),
    );
  }
}

const NOBODY: ReadonlySet<string> = new Set();

// What this watcher must be told of the person, if anything.
function newsFor(
  watcher: Watcher,
  presence: Presence,
  changed: boolean,
  apart: ReadonlySet<string> = NOBODY,
): Presence | undefined {
  const { userId } = presence;
  if (apart.has(watcher.connection.actor.userId)) {
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
