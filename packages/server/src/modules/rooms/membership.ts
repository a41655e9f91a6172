/** The steps every membership change is made of: they write the row, number the change and tell who must know. */
import type { MemberRole, PublicUser } from '@confab/protocol';
import { presentMember, type MemberRow, type RoomRow } from './rows.ts';
import type { RoomTx } from './room-tx.ts';

const UPSERT = {
  name: 'rooms.upsert_members',
  text: `INSERT INTO chat.members
           (room_id, user_id, role, last_read_n, shares_reads, joined_at, left_at, rev, mine, notify, muted_until,
            favourite, marked_unread, starred, votes, silenced_until, last_sent_at, held)
         SELECT room_id, user_id, role, last_read_n, shares_reads, joined_at, left_at, rev, mine, notify, muted_until,
                favourite, marked_unread, ARRAY(SELECT jsonb_array_elements_text(starred)::uuid), votes,
                silenced_until, last_sent_at, held
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bool[], $6::timestamptz[], $7::timestamptz[],
                     $8::bigint[], $9::bigint[], $10::text[], $11::timestamptz[], $12::bool[], $13::bool[], $14::jsonb[], $15::jsonb[],
                     $16::timestamptz[], $17::timestamptz[], $18::jsonb[])
           AS m (room_id, user_id, role, last_read_n, shares_reads, joined_at, left_at, rev, mine, notify, muted_until,
                 favourite, marked_unread, starred, votes, silenced_until, last_sent_at, held)
         ON CONFLICT (room_id, user_id) DO UPDATE
         SET role = excluded.role, last_read_n = excluded.last_read_n, shares_reads = excluded.shares_reads,
             joined_at = excluded.joined_at, left_at = excluded.left_at, rev = excluded.rev, mine = excluded.mine,
             notify = excluded.notify, muted_until = excluded.muted_until, favourite = excluded.favourite,
             marked_unread = excluded.marked_unread, starred = excluded.starred, votes = excluded.votes,
             silenced_until = excluded.silenced_until, last_sent_at = excluded.last_sent_at, held = excluded.held`,
};

/** Someone about to become a member. */
export interface Newcomer {
  user: PublicUser;
  role: MemberRole;
  sharesReads: boolean;
}

/**
 * Makes `people` members and emits one `member` event for each. They must not be members now. Who was one before finds
 * their settings as they were.
 * @param known memberships in this room, as this transaction has left them: those that any of `people` had, and perhaps others
 */
export async function join(
  tx: RoomTx,
  room: RoomRow,
  people: readonly Newcomer[],
  known: readonly MemberRow[],
): Promise<MemberRow[]> {
  const rows = people.map(({ user, role, sharesReads }) => {
    room.member_count += 1;
    const former = known.find((row) => row.user_id === user.id);
    const row: MemberRow = {
      room_id: room.room_id,
      user_id: user.id,
      role,
      // What was said before is there to read, and is not news.
      last_read_n: room.n,
      shares_reads: sharesReads,
      joined_at: tx.now,
      left_at: null,
      rev: tx.nextRev(room),
      mine: (former?.mine ?? 0) + 1,
      notify: former?.notify ?? 'all',
      muted_until: former?.muted_until ?? null,
      favourite: former?.favourite ?? false,
      marked_unread: false,
      starred: former?.starred ?? [],
      votes: former?.votes ?? {},
      // Leaving and coming back ends no mute and loses nothing that waits.
      silenced_until: former?.silenced_until ?? null,
      last_sent_at: former?.last_sent_at ?? null,
      held: former?.held ?? [],
    };
    emitMember(tx, room, row, user);
    return row;
  });
  await saveMembers(tx, rows);
  return rows;
}

/** The row of somebody who keeps something in a room that they are not in, as of who has left it; nobody is told of it. */
export function notPresent(roomId: string, userId: string, now: number): MemberRow {
  return {
    room_id: roomId,
    user_id: userId,
    role: 'member',
    last_read_n: 0,
    shares_reads: false,
    joined_at: now,
    left_at: now,
    rev: NEVER,
    mine: 0,
    notify: 'all',
    muted_until: null,
    favourite: false,
    marked_unread: false,
    starred: [],
    votes: {},
    silenced_until: null,
    last_sent_at: null,
    held: [],
  };
}

/** Whether somebody is in the room or has been, and does not only keep something there. */
export function wasPresent({ rev }: MemberRow): boolean {
  return rev !== NEVER;
}
/** Before every change that anybody asks for. */
const NEVER = 0;

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
): Promise<MemberRow> {
  const row = { ...member, role, rev: tx.nextRev(room) };
  emitMember(tx, room, row, user);
  await saveMembers(tx, [row]);
  return row;
}

/** Writes membership rows as they are. */
export async function saveMembers(tx: RoomTx, rows: readonly MemberRow[]): Promise<void> {
  if (rows.length === 0) return;
  const time = (ms: number | null) => (ms === null ? null : new Date(ms));
  await tx.db.query(UPSERT, [
    rows.map((r) => r.room_id),
    rows.map((r) => r.user_id),
    rows.map((r) => r.role),
    rows.map((r) => r.last_read_n),
    rows.map((r) => r.shares_reads),
    rows.map((r) => time(r.joined_at)),
    rows.map((r) => time(r.left_at)),
    rows.map((r) => r.rev),
    rows.map((r) => r.mine),
    rows.map((r) => r.notify),
    rows.map((r) => time(r.muted_until)),
    rows.map((r) => r.favourite),
    rows.map((r) => r.marked_unread),
    rows.map((r) => JSON.stringify(r.starred)),
    rows.map((r) => JSON.stringify(r.votes)),
    rows.map((r) => time(r.silenced_until)),
    rows.map((r) => time(r.last_sent_at)),
    rows.map((r) => JSON.stringify(r.held)),
  ]);
}

/** Tells everyone, and the person concerned in their own words, of a membership that changed. */
export function emitMember(tx: RoomTx, room: RoomRow, row: MemberRow, user: PublicUser): void {
  const { room_id: roomId, user_id: userId, rev } = row;
  const memberCount = room.member_count;
  const payload = { roomId, rev, member: presentMember(row, room), user, memberCount };
  tx.emit(`room:${roomId}`, { event: 'member', payload, except: [userId] });
  // Apart: the connections of a newcomer do not follow the room yet, those of a leaver no longer do.
  tx.emit(`user:${userId}`, { event: 'member', payload });
}
