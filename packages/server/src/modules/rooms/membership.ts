/** The steps every membership change is made of: they write the row, number the change and tell who must know. */
import type { Member, MemberRole, PublicUser } from '@confab/protocol';
import { presentMember, type MemberRow, type RoomRow } from './rows.ts';
import type { RoomTx } from './room-tx.ts';

const UPSERT = {
  name: 'rooms.upsert_members',
  text: `INSERT INTO chat.members (room_id, user_id, role, last_read_n, joined_at, left_at, rev)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[], $6::timestamptz[], $7::bigint[])
         ON CONFLICT (room_id, user_id) DO UPDATE
         SET role = excluded.role, last_read_n = excluded.last_read_n, joined_at = excluded.joined_at,
             left_at = excluded.left_at, rev = excluded.rev`,
};

/** Makes `people` members and emits one `member` event for each. They must not be members now. */
export async function join(
  tx: RoomTx,
  room: RoomRow,
  people: readonly { user: PublicUser; role: MemberRole }[],
): Promise<Member[]> {
  const rows = people.map(({ user, role }) => {
    room.member_count += 1;
    const row: MemberRow = {
      room_id: room.room_id,
      user_id: user.id,
      role,
      // What was said before is there to read, and is not news.
      last_read_n: room.n,
      joined_at: tx.now,
      left_at: null,
      rev: tx.nextRev(room),
    };
    emitMember(tx, room, row, user);
    return row;
  });
  await saveMembers(tx, rows);
  return rows.map((row) => presentMember(row, room, null));
}

/** Ends a membership and emits it. */
export async function leave(tx: RoomTx, room: RoomRow, member: MemberRow, user: PublicUser): Promise<void> {
  room.member_count -= 1;
  const row = { ...member, left_at: tx.now, rev: tx.nextRev(room) };
  emitMember(tx, room, row, user);
  await saveMembers(tx, [row]);
}

/** Gives a member another role and emits it. */
export async function changeRole(
  tx: RoomTx,
  room: RoomRow,
  member: MemberRow,
  role: MemberRole,
  user: PublicUser,
): Promise<Member> {
  const row = { ...member, role, rev: tx.nextRev(room) };
  emitMember(tx, room, row, user);
  await saveMembers(tx, [row]);
  return presentMember(row, room, null);
}

/** Writes membership rows as they are. */
export async function saveMembers(tx: RoomTx, rows: readonly MemberRow[]): Promise<void> {
  await tx.db.query(UPSERT, [
    rows.map((r) => r.room_id),
    rows.map((r) => r.user_id),
    rows.map((r) => r.role),
    rows.map((r) => r.last_read_n),
    rows.map((r) => new Date(r.joined_at)),
    rows.map((r) => (r.left_at === null ? null : new Date(r.left_at))),
    rows.map((r) => r.rev),
  ]);
}

function emitMember(tx: RoomTx, room: RoomRow, row: MemberRow, user: PublicUser): void {
  const tell = (viewerId: string | null) => ({
    roomId: row.room_id,
    rev: row.rev,
    member: presentMember(row, room, viewerId),
    user,
    memberCount: room.member_count,
  });
  tx.emit(`room:${row.room_id}`, { event: 'member', payload: tell(null), except: row.user_id });
  // Their own connections: those of a newcomer do not follow the room yet, those of a leaver no longer do.
  tx.emit(`user:${row.user_id}`, { event: 'member', payload: tell(row.user_id) });
}
