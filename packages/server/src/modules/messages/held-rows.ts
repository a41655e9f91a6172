/** Rows of `chat.held`: messages that wait for approval, and those that were rejected. */
import { LIMITS, type Message } from '@confab/protocol';
import type { Queryable } from '../../platform/db/index.ts';
import { type MemberRow, type RoomRow, type RoomTx, saveEachMine, saveMembers, saveMine } from '../rooms/index.ts';
import { type MessageRow, presentMessage } from './rows.ts';

export interface HeldRow extends Pick<
  MessageRow,
  'room_id' | 'message_id' | 'sender_id' | 'client_id' | 'kind' | 'body' | 'reply_to' | 'parts' | 'created_at'
> {
  client_hash: Buffer;
  status: 'pending' | 'rejected';
  /** Why, for its author to read. */
  reason: string;
  /** The automod rule that held it. */
  rule_id: string | null;
}

const INSERT = {
  name: 'messages.hold',
  text: `INSERT INTO chat.held
           (room_id, message_id, sender_id, client_id, client_hash, kind, body, reply_to, parts, created_at, status, reason,
            rule_id)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bytea[], $6::text[], $7::text[],
                              $8::uuid[], $9::jsonb[], $10::timestamptz[], $11::text[], $12::text[], $13::uuid[])`,
};
const BEFORE = {
  name: 'messages.held_before',
  text: `SELECT h.* FROM chat.held h
         JOIN unnest($1::uuid[], $2::uuid[], $3::text[]) AS s (room_id, sender_id, client_id)
         USING (room_id, sender_id, client_id)`,
};

const WAITING = {
  name: 'messages.held_waiting',
  text: `SELECT s.room_id, s.sender_id, count(*) AS count
         FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[]) AS p (room_id, sender_id)) s
         JOIN chat.held h ON h.sender_id = s.sender_id AND h.status = 'pending'
         JOIN chat.rooms r ON r.room_id = h.room_id AND coalesce(r.parent_room_id, r.room_id) = s.room_id
         GROUP BY 1, 2`,
};

/** As its author and moderators see it: it has no number yet. */
export function presentHeld(row: HeldRow): Message {
  const { status, reason } = row;
  return { ...presentMessage({ ...row, n: 0, rev: 0, edited_at: null, deleted_at: null }), status, reason };
}

/** Those of `sends` that are held already. */
export async function heldBefore(
  db: Queryable,
  sends: readonly { roomId: string; senderId: string; clientId: string }[],
): Promise<HeldRow[]> {
  if (sends.length === 0) return [];
  const { rows } = await db.query<HeldRow>(BEFORE, [
    sends.map((send) => send.roomId),
    sends.map((send) => send.senderId),
    sends.map((send) => send.clientId),
  ]);
  return rows;
}

/** One that is held, whatever became of it; undefined also once it was approved or taken back. */
export async function findHeld(db: Queryable, roomId: string, messageId: string): Promise<HeldRow | undefined> {
  const { rows } = await db.query<HeldRow>('SELECT * FROM chat.held WHERE room_id = $1 AND message_id = $2', [
    roomId,
    messageId,
  ]);
  return rows[0];
}

/** Whether one more of somebody's may wait in a room where so many do, those in its threads among them. */
export function mayHoldMore(waiting: number): boolean {
  return waiting < LIMITS.heldPerMember;
}

/** How many messages of these people wait in these rooms and their threads, by `room person`; none is left out. */
export async function countWaiting(
  db: Queryable,
  places: readonly { roomId: string; userId: string }[],
): Promise<Map<string, number>> {
  const { rows } = await db.query<{ room_id: string; sender_id: string; count: number }>(WAITING, [
    places.map(({ roomId }) => roomId),
    places.map(({ userId }) => userId),
  ]);
  return new Map(rows.map((row) => [`${row.room_id} ${row.sender_id}`, row.count]));
}

/**
 * Keeps messages until they are decided, and tells the connections of authors who are there: a few statements for all of
 * them. `mayHoldMore` allows each. What was rejected earliest makes room.
 * @param authors the memberships of the authors there, as this transaction has left them
 */
export async function holdMessages(tx: RoomTx, rows: readonly HeldRow[], authors: readonly MemberRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.db.query(INSERT, [
    rows.map((r) => r.room_id),
    rows.map((r) => r.message_id),
    rows.map((r) => r.sender_id),
    rows.map((r) => r.client_id),
    rows.map((r) => r.client_hash),
    rows.map((r) => r.kind),
    rows.map((r) => r.body),
    rows.map((r) => r.reply_to),
    rows.map((r) => (r.parts === null ? null : JSON.stringify(r.parts))),
    rows.map((r) => new Date(r.created_at)),
    rows.map((r) => r.status),
    rows.map((r) => r.reason),
    rows.map((r) => r.rule_id),
  ]);
  const changed = authors.map((member) => {
    const room = tx.room(member.room_id);
    if (room === undefined) throw new Error('the room of a held message is not locked');
    const mine = rows.filter((row) => row.room_id === member.room_id && row.sender_id === member.user_id);
    const held = [...member.held, ...mine.map(presentHeld)];
    const surplus = held
      .filter(({ status }) => status === 'rejected')
      .slice(0, Math.max(0, held.length - LIMITS.heldPerMember));
    const kept = held.filter((message) => !surplus.includes(message));
    return { room, surplus, member: { ...member, held: kept } };
  });
  for (const { room, surplus } of changed) for (const { id } of surplus) await deleteHeld(tx, room, id);
  const isThere = ({ member }: { member: MemberRow }) => member.left_at === null;
  await saveMembers(
    tx,
    changed.filter((one) => !isThere(one)).map(({ member }) => member),
  );
  await saveEachMine(tx, changed.filter(isThere));
}

export async function deleteHeld(tx: RoomTx, room: RoomRow, messageId: string): Promise<void> {
  await tx.db.query('DELETE FROM chat.held WHERE room_id = $1 AND message_id = $2', [room.room_id, messageId]);
}

/** Gives somebody's list of held messages another state, and tells their connections while they are in the room. */
export async function changeList(
  tx: RoomTx,
  room: RoomRow,
  userId: string,
  change: (held: readonly Message[]) => Message[],
): Promise<void> {
  const [member] = await tx.members([{ roomId: room.room_id, userId }]);
  if (member !== undefined) await saveHeld(tx, room, member, change(member.held));
}

async function saveHeld(tx: RoomTx, room: RoomRow, member: MemberRow, held: Message[]): Promise<void> {
  if (member.left_at === null) await saveMine(tx, room, member, { ...member, held });
  // Who has left hears of it when they come back.
  else await saveMembers(tx, [{ ...member, held }]);
}
