/** The chat list, and the list of followed threads. */
import type { Clock } from './clock.ts';
import type { Outbox } from './outbox.ts';
import type { RoomCore } from './room-core.ts';
import { countTotals } from './totals.ts';
import type { RoomState, RoomView, Totals } from './types.ts';
import type { Users } from './users.ts';

interface RoomListOptions {
  rooms: ReadonlyMap<string, RoomCore>;
  users: Users;
  outbox: Outbox;
  clock: Clock;
  /** Time alone has changed the list. */
  onChange: () => void;
}

/** ms ahead that the end of a muting is looked for: timers cannot be set further than some weeks. */
const HORIZON = 24 * 3_600_000;

interface Lists {
  rooms: readonly RoomView[];
  threads: readonly RoomView[];
  totals: Totals;
}

export class RoomList {
  readonly #options: RoomListOptions;
  #lists: Lists | undefined;
  #totals: Totals | undefined;
  /** A line stays the same object until something in it changes. */
  readonly #lines = new Map<string, RoomView>();
  #unmute: { cancel(): void } | undefined;

  constructor(options: RoomListOptions) {
    this.#options = options;
  }

  /** Something that may be shown has changed. */
  invalidate(): void {
    this.#lists = undefined;
  }

  /** Newest message first; times only order rooms, never the messages in one. The same arrays until `invalidate`. */
  get lists(): Lists {
    this.#lists ??= this.#build();
    return this.#lists;
  }

  stop(): void {
    this.#unmute?.cancel();
  }

  #build(): Lists {
    const states = [...this.#options.rooms.values()].flatMap(({ state }) => (state && !state.gone ? [state] : []));
    const lines = states
      .map((state) => this.#line(state))
      .sort((a, b) => activity(b) - activity(a) || (a.id < b.id ? 1 : -1));
    this.#planUnmute(lines);
    const rooms = lines.filter(({ room }) => room.kind !== 'thread');
    const threads = lines.filter(({ room }) => room.kind === 'thread');
    const totals = countTotals(rooms, threads);
    if (!this.#totals || !isSame(this.#totals, totals)) this.#totals = totals;
    return { rooms, threads, totals: this.#totals };
  }

  #line(state: RoomState): RoomView {
    const { users, outbox, rooms, clock } = this.#options;
    const { room, me } = state;
    const parent = room.parent && rooms.get(room.parent.roomId)?.state;
    const peerId = (parent ?? state).peerId;
    const peer = peerId === null ? null : (users.get(peerId) ?? null);
    const line: RoomView = {
      id: state.roomId,
      title: (parent ?? state).room.name ?? peer?.name ?? '',
      room,
      me,
      unread: state.unread,
      mentions: state.mentions,
      isArchived: (parent ?? state).room.archivedAt !== null,
      isMuted: (me.mutedUntil ?? 0) > clock.now(),
      lastMessage: state.lastMessage,
      peer,
      pendingCount: outbox.list(state.roomId).length,
    };
    const known = this.#lines.get(line.id);
    if (known && isSame(known, line)) return known;
    this.#lines.set(line.id, line);
    return line;
  }

  #planUnmute(lines: readonly RoomView[]): void {
    const { clock, onChange } = this.#options;
    this.#unmute?.cancel();
    const ends = lines.flatMap(({ isMuted, me }) => (isMuted && me.mutedUntil !== null ? [me.mutedUntil] : []));
    if (ends.length === 0) return;
    const wait = Math.min(HORIZON, Math.min(...ends) - clock.now());
    this.#unmute = clock.setTimeout(() => {
      this.invalidate();
      onChange();
    }, wait);
  }
}

function activity({ lastMessage, room }: RoomView): number {
  return lastMessage?.createdAt ?? room.createdAt;
}

function isSame<T extends object>(a: T, b: T): boolean {
  return (Object.keys(a) as (keyof T)[]).every((key) => a[key] === b[key]);
}
