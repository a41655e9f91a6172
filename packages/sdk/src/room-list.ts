/** The chat list. */
import type { Outbox } from './outbox.ts';
import type { RoomCore } from './room-core.ts';
import type { RoomState, RoomView } from './types.ts';
import type { Users } from './users.ts';

export class RoomList {
  readonly #rooms: ReadonlyMap<string, RoomCore>;
  readonly #users: Users;
  readonly #outbox: Outbox;
  #list: readonly RoomView[] | undefined;
  /** A line stays the same object until something in it changes. */
  readonly #lines = new Map<string, RoomView>();

  constructor(rooms: ReadonlyMap<string, RoomCore>, users: Users, outbox: Outbox) {
    this.#rooms = rooms;
    this.#users = users;
    this.#outbox = outbox;
  }

  /** Something that may be shown has changed. */
  invalidate(): void {
    this.#list = undefined;
  }

  /** The room with the newest message first; times only order rooms, never the messages in one. */
  get list(): readonly RoomView[] {
    this.#list ??= [...this.#rooms.values()]
      .flatMap((room) => (room.state && !room.state.gone ? [this.#line(room.state)] : []))
      .sort((a, b) => activity(b) - activity(a) || (a.id < b.id ? 1 : -1));
    return this.#list;
  }

  #line(state: RoomState): RoomView {
    const peer = state.peerId === null ? null : (this.#users.get(state.peerId) ?? null);
    const line: RoomView = {
      id: state.roomId,
      title: state.room.name ?? peer?.name ?? '',
      room: state.room,
      me: state.me,
      unread: state.unread,
      lastMessage: state.lastMessage,
      peer,
      pendingCount: this.#outbox.list(state.roomId).length,
    };
    const known = this.#lines.get(line.id);
    if (known && isSame(known, line)) return known;
    this.#lines.set(line.id, line);
    return line;
  }
}

function activity({ lastMessage, room }: RoomView): number {
  return lastMessage?.createdAt ?? room.createdAt;
}

function isSame(a: RoomView, b: RoomView): boolean {
  return (Object.keys(a) as (keyof RoomView)[]).every((key) => a[key] === b[key]);
}
