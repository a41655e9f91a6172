import { onlyReads, ProtocolError, type Role, roomRole } from '@confab/protocol';
import type { Channel, EventFrame } from '../../platform/bus/index.ts';
import type { Queryable } from '../../platform/db/index.ts';
import { type Silences, silencesAt } from '../safety/index.ts';
import { unconfirmedAt } from './adults.ts';
import type { RightsKind, Seat } from './policy.ts';
import type { MemberRow, RoomRow } from './rows.ts';

const LOCK = {
  name: 'rooms.lock',
  // In order of id, so that two nodes locking overlapping sets cannot wait for each other.
  text: 'SELECT * FROM chat.rooms WHERE room_id = ANY($1::uuid[]) ORDER BY room_id FOR UPDATE',
};
// LATERAL with OFFSET 0 is one probe of the key for each: a join planned while the table is small, and kept for as long as
// the connection lives, would read all of it later.
const MEMBERS = {
  name: 'rooms.members_of',
  text: `SELECT m.* FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[]) AS p (room_id, user_id)) p
         CROSS JOIN LATERAL (SELECT * FROM chat.members x
                             WHERE x.room_id = p.room_id AND x.user_id = p.user_id OFFSET 0) m`,
};
const SAVE = {
  name: 'rooms.save',
  text: `UPDATE chat.rooms r
         SET name = s.name, topic = s.topic, avatar = s.avatar, member_count = s.member_count, active_at = s.active_at,
             archived_at = s.archived_at, deleted_at = s.deleted_at, n = s.n, rev = s.rev
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::timestamptz[], $7::timestamptz[],
                     $8::timestamptz[], $9::bigint[], $10::bigint[])
           AS s (room_id, name, topic, avatar, member_count, active_at, archived_at, deleted_at, n, rev)
         WHERE r.room_id = s.room_id`,
};
const INSERT = `INSERT INTO chat.rooms (room_id, kind, name, topic, parent_room_id, parent_message_id, parent_n,
                                        created_by, created_at, active_at, lounge_id, language, capacity, guests,
                                        slow_mode)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING`;

type NewRoom = Pick<RoomRow, 'room_id' | 'kind' | 'name' | 'topic' | 'created_by'> &
  Partial<Pick<RoomRow, 'parent_room_id' | 'parent_message_id' | 'parent_n'>> &
  Partial<Pick<RoomRow, 'lounge_id' | 'language' | 'capacity' | 'guests' | 'slow_mode'>>;

/** Who does something: their role is the one on the whole instance. */
export interface By {
  actorId: string;
  actorRole: Role;
}

/** Someone in a room: what they may is decided by `seat`; `member` is null for a thread they do not follow. */
export interface Entered {
  room: RoomRow;
  member: MemberRow | null;
  seat: Seat;
}

/** A member whose unread messages are counted. */
export interface Reader {
  room: RoomRow;
  member: MemberRow;
}
export interface UnreadCount {
  unread: number;
  mentions: number;
}
/** How many messages await each of these, in this order; belongs to messages, which own those tables. */
export type CountUnread = (db: Queryable, readers: readonly Reader[]) => Promise<UnreadCount[]>;

/** What a change asks that is kept elsewhere. */
export interface Elsewhere {
  countUnread: CountUnread;
  silences: Silences;
}

/** One transaction over locked rooms: their rows are changed in memory and written once, at the end. */
export class RoomTx {
  readonly db: Queryable;
  /** Epoch ms, the same for everything in this commit. */
  readonly now: number;
  readonly frames: { channel: Channel; frame: EventFrame }[] = [];
  readonly afterwards: (() => void)[] = [];
  #keeps = false;
  readonly #rooms: Map<string, RoomRow>;
  readonly #dirty = new Set<RoomRow>();
  readonly #elsewhere: Elsewhere;

  private constructor(db: Queryable, rooms: RoomRow[], now: number, elsewhere: Elsewhere) {
    this.db = db;
    this.now = now;
    this.#elsewhere = elsewhere;
    this.#rooms = new Map(rooms.map((row) => [row.room_id, row]));
  }

  /** Locks those of `roomIds` that exist. Everything read afterwards is as of the lock or later. */
  static async lock(db: Queryable, roomIds: readonly string[], now: number, elsewhere: Elsewhere): Promise<RoomTx> {
    const { rows } = await db.query<RoomRow>(LOCK, [roomIds]);
    return new RoomTx(db, rows, now, elsewhere);
  }

  /** Locks more rooms, for changes that reach beyond the room they begin in. */
  async lockMore(roomIds: readonly string[]): Promise<void> {
    const missing = roomIds.filter((id) => !this.#rooms.has(id));
    if (missing.length === 0) return;
    const { rows } = await this.db.query<RoomRow>(LOCK, [missing]);
    for (const row of rows) this.#rooms.set(row.room_id, row);
  }

  /** The locked room, unless there is none or it was deleted. Change it only through the methods here. */
  room(roomId: string): RoomRow | undefined {
    const row = this.#rooms.get(roomId);
    return row?.deleted_at === null ? row : undefined;
  }

  /** The room whose rights count: of a thread its parent, which must be locked too. */
  governing(room: RoomRow): RoomRow | undefined {
    return room.parent_room_id === null ? room : this.room(room.parent_room_id);
  }

  /** Membership rows, also of those who left. */
  async members(pairs: readonly { roomId: string; userId: string }[]): Promise<MemberRow[]> {
    const { rows } = await this.db.query<MemberRow>(MEMBERS, [pairs.map((p) => p.roomId), pairs.map((p) => p.userId)]);
    return rows;
  }

  /**
   * The room, what somebody may in it, and their own present membership. Who has an office on the whole instance comes
   * into rooms that are open to everyone without being a member.
   * @throws ProtocolError not_found to whoever is not in it: they do not learn that it exists
   */
  async enter({ roomId, actorId: userId, actorRole }: { roomId: string } & By): Promise<Entered> {
    const room = this.room(roomId);
    const governing = room && this.governing(room);
    if (room === undefined || governing === undefined) throw new ProtocolError('not_found');
    const rows = await this.members([
      { roomId, userId },
      { roomId: governing.room_id, userId },
    ]);
    const present = rows.filter((row) => row.left_at === null);
    const entry = present.find((row) => row.room_id === governing.room_id);
    const seat = seatOf(governing, entry ?? null, actorRole, this.now);
    if (seat === null) throw new ProtocolError('not_found');
    const there = { userId, roomId: governing.room_id };
    if (entry === undefined && governing.kind === 'language') {
      seat.unconfirmed = (await unconfirmedAt(this.db, [there])).length > 0;
    }
    if (!seat.silenced) seat.silenced = (await this.#elsewhere.silences.among([userId])).has(userId);
    if (seat.silenced) [seat.silence] = await silencesAt(this.db, [there], this.now);
    return { room, member: present.find((row) => row.room_id === roomId) ?? null, seat };
  }

  /** Like `enter`, for what only a member can do. @throws ProtocolError not_found */
  async enterAsMember(by: { roomId: string } & By): Promise<Entered & { member: MemberRow }> {
    const { member, ...rest } = await this.enter(by);
    if (member === null) throw new ProtocolError('not_found');
    return { ...rest, member };
  }

  /** The existing room of this id, or a new one without members. */
  async create(room: NewRoom): Promise<{ room: RoomRow; created: boolean }> {
    const known = this.#rooms.get(room.room_id);
    if (known !== undefined) return { room: known, created: false };
    const { room_id, kind, name, topic, parent_room_id, parent_message_id, parent_n, created_by } = room;
    await this.db.query(INSERT, [
      room_id,
      kind,
      name,
      topic,
      parent_room_id ?? null,
      parent_message_id ?? null,
      parent_n ?? null,
      created_by,
      new Date(this.now),
      room.lounge_id ?? null,
      room.language ?? null,
      room.capacity ?? null,
      room.guests ?? 'none',
      room.slow_mode ?? 0,
    ]);
    // Another node may have made it meanwhile: then this waits for its commit and sees its row.
    await this.lockMore([room_id]);
    const row = this.#rooms.get(room_id);
    if (row === undefined) throw new Error('a room that was just inserted is missing');
    return { room: row, created: row.rev === 0 };
  }

  /** Takes the room's next change number. */
  nextRev(room: RoomRow): number {
    this.#dirty.add(room);
    room.rev += 1;
    return room.rev;
  }

  /** Takes the room's next message number. */
  nextN(room: RoomRow): number {
    this.#dirty.add(room);
    room.n += 1;
    room.active_at = this.now;
    return room.n;
  }

  /** What awaits each of these now, in this order, as far as this transaction has come. */
  countUnread(readers: readonly Reader[]): Promise<UnreadCount[]> {
    return this.#elsewhere.countUnread(this.db, readers);
  }

  /** Publishes after COMMIT, in the order of the calls. */
  emit(channel: Channel, frame: EventFrame): void {
    this.frames.push({ channel, frame });
  }

  /** What follows from a refusal was written: it is committed even if all else is refused. */
  keep(): void {
    this.#keeps = true;
  }

  get keeps(): boolean {
    return this.#keeps;
  }

  /** Runs after COMMIT, once the events are published. Must neither wait nor throw. */
  after(run: () => void): void {
    this.afterwards.push(run);
  }

  /** Writes what moderators set in a room; numbering and telling it is the caller's part. */
  async saveModeration(room: RoomRow): Promise<void> {
    await this.db.query(
      `UPDATE chat.rooms SET slow_mode = $2, read_only = $3, locked_at = $4, hold = $5, raid_until = $6, capacity = $7,
         guests = $8 WHERE room_id = $1`,
      [
        room.room_id,
        room.slow_mode,
        room.read_only,
        room.locked_at === null ? null : new Date(room.locked_at),
        room.hold,
        room.raid_until === null ? null : new Date(room.raid_until),
        room.capacity,
        room.guests,
      ],
    );
  }

  /** Writes the changed rooms. The committer calls it last. */
  async flush(): Promise<void> {
    if (this.#dirty.size === 0) return;
    const rooms = [...this.#dirty];
    await this.db.query(SAVE, [
      rooms.map((r) => r.room_id),
      rooms.map((r) => r.name),
      rooms.map((r) => r.topic),
      rooms.map((r) => r.avatar),
      rooms.map((r) => r.member_count),
      rooms.map((r) => new Date(r.active_at)),
      rooms.map((r) => (r.archived_at === null ? null : new Date(r.archived_at))),
      rooms.map((r) => (r.deleted_at === null ? null : new Date(r.deleted_at))),
      rooms.map((r) => r.n),
      rooms.map((r) => r.rev),
    ]);
  }
}

/** What somebody may in the room whose rights count, at `now` (epoch ms); null for whoever has no place in it. */
export function seatOf(
  governing: Pick<RoomRow, 'kind' | 'archived_at' | 'locked_at' | 'read_only' | 'guests'>,
  member: Pick<MemberRow, 'role' | 'silenced_until'> | null,
  instanceRole: Role,
  now: number,
): Seat | null {
  const rights = governing.kind as RightsKind;
  const role = roomRole(rights, member?.role ?? null, instanceRole);
  if (role === null) return null;
  return {
    role,
    instance: instanceRole,
    rights,
    archived: governing.archived_at !== null,
    locked: governing.locked_at !== null,
    readOnly: governing.read_only,
    silenced: (member?.silenced_until ?? 0) > now,
    onlyReads: onlyReads(instanceRole, rights === 'language' ? governing.guests : null),
  };
}
