/** Brings all rooms up to date at once: on every connection, and now and then to make sure. */
import { LIMITS, type ClientEventOutput, type RoomChanges, type RoomSummary } from '@confab/protocol';
import { fromSummary, joinChanges } from './reducer.ts';
import type { RoomCore } from './room-core.ts';
import type { RoomHost } from './room-host.ts';

type Answer = ClientEventOutput<'sync'>;
/** How far a room is known. */
interface Position {
  rev: number;
  mine: number;
}

export class Sync {
  readonly #host: RoomHost;
  readonly #rooms: ReadonlyMap<string, RoomCore>;
  readonly #roomOf: (roomId: string) => RoomCore;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #isFirst = true;

  constructor(host: RoomHost, rooms: ReadonlyMap<string, RoomCore>, roomOf: (roomId: string) => RoomCore) {
    this.#host = host;
    this.#rooms = rooms;
    this.#roomOf = roomOf;
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  /**
   * Resolves when everything that happened before the call is applied. One at a time: calls while one is under way
   * share the one that follows it. @throws ConfabError
   */
  all(): Promise<void> {
    if (this.#running) {
      this.#next ??= this.#running.catch(() => undefined).then(() => this.all());
      return this.#next;
    }
    this.#next = undefined;
    this.#running = this.#all().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #all(): Promise<void> {
    const mine = [...this.#rooms.values()].filter((room) => room.isMine).map((room) => room.id);
    // At least one question, which also brings the rooms that are not known yet.
    do {
      await this.#some(mine.splice(0, LIMITS.syncRooms));
    } while (mine.length > 0);
    this.#isFirst = false;
  }

  async #some(roomIds: string[]): Promise<void> {
    const known = new Map(roomIds.map((roomId) => [roomId, this.#positionOf(roomId)]));
    /** What has arrived of rooms whose changes take several pages. */
    const partial = new Map<string, RoomChanges>();
    for (let hasMore = true; hasMore;) {
      const rooms = [...known].slice(0, LIMITS.syncRooms).map(([roomId, position]) => ({ roomId, ...position }));
      const answer = await this.#host.request('sync', { rooms });
      this.#host.learn([...answer.users, ...answer.changed.flatMap((changes) => changes.users)]);
      const added = this.#apply(answer, partial);
      for (const { roomId } of answer.replayed) known.set(roomId, this.#positionOf(roomId));
      for (const { summary, rev } of answer.changed) known.set(summary.room.id, { ...positionIn(summary), rev });
      for (const summary of added) known.set(summary.room.id, positionIn(summary));
      for (const roomId of answer.gone) known.delete(roomId);
      const told = answer.changed.length + answer.replayed.length + added.length + answer.gone.length;
      hasMore = answer.hasMore && told > 0;
    }
  }

  #positionOf(roomId: string): Position {
    const state = this.#rooms.get(roomId)?.state;
    return { rev: state?.rev ?? 0, mine: state?.me.mine ?? 0 };
  }

  /** Answers the rooms that are known now and were not before. */
  #apply(answer: Answer, partial: Map<string, RoomChanges>): RoomSummary[] {
    for (const { roomId, events } of answer.replayed) {
      this.#host.learn(events.flatMap(({ payload }) => ('user' in payload ? [payload.user] : [])));
      this.#rooms.get(roomId)?.replay(events);
    }
    for (const changes of answer.changed) {
      const roomId = changes.summary.room.id;
      const joined = joinChanges(partial.get(roomId), changes);
      if (joined.hasMore) {
        partial.set(roomId, joined);
      } else {
        partial.delete(roomId);
        this.#rooms.get(roomId)?.catchUp(joined);
      }
    }
    for (const roomId of answer.gone) this.#rooms.get(roomId)?.drop();
    // Rooms that another question of this sync names are answered there.
    const added = answer.added.filter(({ room }) => !this.#rooms.get(room.id)?.isMine);
    for (const summary of added) {
      // What was there before this client was is not new to it.
      const announceFrom = this.#isFirst ? summary.room.n : (summary.me.lastReadN ?? 0);
      this.#roomOf(summary.room.id).load(fromSummary(summary, this.#host.me.id), announceFrom, false);
    }
    return added;
  }
}

function positionIn({ room, me }: RoomSummary): Position {
  return { rev: room.rev, mine: me.mine };
}
