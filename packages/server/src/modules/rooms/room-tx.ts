import { ProtocolError } from '@confab/protocol';
import type { Channel, EventFrame } from '../../platform/bus/index.ts';
import type { Queryable } from '../../platform/db/index.ts';
import type { MemberRow, RoomRow } from './rows.ts';

const LOCK = {
  name: 'rooms.lock',
  // In order of id, so that two nodes locking overlapping sets cannot wait for each other.
  text: 'SELECT * FROM chat.rooms WHERE room_id = ANY($1::uuid[]) ORDER BY room_id FOR UPDATE',
};
const MEMBERS = {
  name: 'rooms.members_of',
  text: `SELECT m.* FROM chat.members m
         JOIN (SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[]) AS p (room_id, user_id)) p USING (room_id, user_id)`,
};
const SAVE = {
  name: 'rooms.save',
  text: `UPDATE chat.rooms r
         SET name = s.name, topic = s.topic, member_count = s.member_count, active_at = s.active_at,
             deleted_at = s.deleted_at, n = s.n, rev = s.rev
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::bigint[], $8::bigint[])
           AS s (room_id, name, topic, member_count, active_at, deleted_at, n, rev)
         WHERE r.room_id = s.room_id`,
};
const INSERT = `INSERT INTO chat.rooms (room_id, kind, name, topic, created_by, created_at, active_at)
                VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING`;

/** One transaction over locked rooms: their rows are changed in memory and written once, at the end. */
export class RoomTx {
  readonly db: Queryable;
  /** Epoch ms, the same for everything in this commit. */
  readonly now: number;
  readonly frames: { channel: Channel; frame: EventFrame }[] = [];
  readonly #rooms: Map<string, RoomRow>;
  readonly #dirty = new Set<RoomRow>();

  private constructor(db: Queryable, rooms: RoomRow[], now: number) {
    this.db = db;
    this.now = now;
    this.#rooms = new Map(rooms.map((row) => [row.room_id, row]));
  }

  /** Locks those of `roomIds` that exist. Everything read afterwards is as of the lock or later. */
  static async lock(db: Queryable, roomIds: readonly string[], now: number): Promise<RoomTx> {
    const { rows } = await db.query<RoomRow>(LOCK, [roomIds]);
    return new RoomTx(db, rows, now);
  }

  /** The locked room, unless there is none or it was deleted. Change it only through the methods here. */
  room(roomId: string): RoomRow | undefined {
    const row = this.#rooms.get(roomId);
    return row?.deleted_at === null ? row : undefined;
  }

  /** Membership rows, also of those who left. */
  async members(pairs: readonly { roomId: string; userId: string }[]): Promise<MemberRow[]> {
    const { rows } = await this.db.query<MemberRow>(MEMBERS, [pairs.map((p) => p.roomId), pairs.map((p) => p.userId)]);
    return rows;
  }

  /**
   * The room and the present membership of `userId` in it.
   * @throws ProtocolError not_found when either is missing: who is not in a room does not learn that it exists
   */
  async enter(roomId: string, userId: string): Promise<{ room: RoomRow; member: MemberRow }> {
    const room = this.room(roomId);
    const [member] = room === undefined ? [] : await this.members([{ roomId, userId }]);
    if (room === undefined || member === undefined || member.left_at !== null) throw new ProtocolError('not_found');
    return { room, member };
  }

  /** The existing room of this id, or a new one without members. */
  async create(
    room: Pick<RoomRow, 'room_id' | 'kind' | 'name' | 'topic' | 'created_by'>,
  ): Promise<{ room: RoomRow; created: boolean }> {
    const known = this.#rooms.get(room.room_id);
    if (known !== undefined) return { room: known, created: false };
    await this.db.query(INSERT, [room.room_id, room.kind, room.name, room.topic, room.created_by, new Date(this.now)]);
    // Another node may have made it meanwhile: then this waits for its commit and sees its row.
    const { rows } = await this.db.query<RoomRow>(LOCK, [[room.room_id]]);
    const [row] = rows;
    if (row === undefined) throw new Error('a room that was just inserted is missing');
    this.#rooms.set(row.room_id, row);
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

  /** Publishes after COMMIT, in the order of the calls. */
  emit(channel: Channel, frame: EventFrame): void {
    this.frames.push({ channel, frame });
  }

  /** Writes the changed rooms. The committer calls it last. */
  async flush(): Promise<void> {
    if (this.#dirty.size === 0) return;
    const rooms = [...this.#dirty];
    await this.db.query(SAVE, [
      rooms.map((r) => r.room_id),
      rooms.map((r) => r.name),
      rooms.map((r) => r.topic),
      rooms.map((r) => r.member_count),
      rooms.map((r) => new Date(r.active_at)),
      rooms.map((r) => (r.deleted_at === null ? null : new Date(r.deleted_at))),
      rooms.map((r) => r.n),
      rooms.map((r) => r.rev),
    ]);
  }
}
