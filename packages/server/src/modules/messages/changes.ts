/** Edit, delete and read, as the committer runs them. */
import { LIMITS, type Message, ProtocolError } from '@confab/protocol';
import type { Profiles } from '../accounts/index.ts';
import {
  type ChangeKind,
  demand,
  may,
  oneByOne,
  type RoomRow,
  type RoomTx,
  saveMembers,
  showsReadMarks,
} from '../rooms/index.ts';
import { type MessageRow, presentMessage } from './rows.ts';
import { countUnread } from './store.ts';

interface OnMessage {
  roomId: string;
  actorId: string;
  messageId: string;
}

/** Replaces the body of one's own message. The same body again changes nothing. */
export function editKind(profiles: Profiles): ChangeKind<OnMessage & { body: string }, Message> {
  return oneByOne('edit', async (input, tx) => {
    const { room, member } = await tx.enter(input.roomId, input.actorId);
    const row = await findMessage(tx, input);
    if (row.sender_id !== member.user_id) throw new ProtocolError('forbidden');
    demand('editOwnMessage', room.kind, member.role);
    if (row.deleted_at !== null) throw new ProtocolError('message_deleted');
    if (row.body === input.body) return presentMessage(row);
    return change(tx, profiles, room, { ...row, body: input.body, edited_at: tx.now });
  });
}

/** Erases body and reply for everyone, and keeps the number. Deleting again changes nothing. */
export function deleteKind(profiles: Profiles): ChangeKind<OnMessage, Message> {
  return oneByOne('delete', async (input, tx) => {
    const { room, member } = await tx.enter(input.roomId, input.actorId);
    const row = await findMessage(tx, input);
    const own = row.sender_id === member.user_id && may('deleteOwnMessage', room.kind, member.role);
    if (!own) demand('deleteAnyMessage', room.kind, member.role);
    if (row.deleted_at !== null) return presentMessage(row);
    return change(tx, profiles, room, { ...row, body: '', reply_to: null, client_hash: null, deleted_at: tx.now });
  });
}

/**
 * Moves a read mark forward, never back and never past the newest message. In rooms that show read marks it is a numbered
 * change for everyone; elsewhere only the person's own connections are told.
 */
export const readKind = oneByOne(
  'read',
  async (input: { roomId: string; userId: string; n: number }, tx): Promise<{ lastReadN: number; unread: number }> => {
    const { room, member } = await tx.enter(input.roomId, input.userId);
    const lastReadN = Math.min(input.n, room.n);
    if (lastReadN <= member.last_read_n) {
      return { lastReadN: member.last_read_n, unread: await unreadOf(tx, room, member.user_id, member.last_read_n) };
    }
    const numbered = showsReadMarks(room);
    const rev = numbered ? tx.nextRev(room) : room.rev;
    await saveMembers(tx, [{ ...member, last_read_n: lastReadN, rev: numbered ? rev : member.rev }]);
    const unread = await unreadOf(tx, room, member.user_id, lastReadN);
    const payload = { roomId: room.room_id, rev, numbered, userId: member.user_id, lastReadN };
    if (numbered) tx.emit(`room:${room.room_id}`, { event: 'read', payload, except: member.user_id });
    tx.emit(`user:${member.user_id}`, { event: 'read', payload: { ...payload, unread } });
    return { lastReadN, unread };
  },
);

async function unreadOf(tx: RoomTx, room: RoomRow, userId: string, lastReadN: number): Promise<number> {
  return lastReadN === room.n ? 0 : countUnread(tx.db, room.room_id, userId, lastReadN, LIMITS.unreadCap);
}

async function findMessage(tx: RoomTx, input: OnMessage): Promise<MessageRow> {
  const { rows } = await tx.db.query<MessageRow>('SELECT * FROM chat.messages WHERE room_id = $1 AND message_id = $2', [
    input.roomId,
    input.messageId,
  ]);
  const [row] = rows;
  if (row === undefined) throw new ProtocolError('not_found');
  return row;
}

async function change(tx: RoomTx, profiles: Profiles, room: RoomRow, row: MessageRow): Promise<Message> {
  const [user] = await profiles.publicUsers([row.sender_id]);
  if (user === undefined) throw new Error('the sender of a message has no profile');
  const rev = tx.nextRev(room);
  await tx.db.query(
    `UPDATE chat.messages
     SET rev = $3, body = $4, reply_to = $5, client_hash = $6, edited_at = $7, deleted_at = $8
     WHERE room_id = $1 AND n = $2`,
    [
      row.room_id,
      row.n,
      rev,
      row.body,
      row.reply_to,
      row.client_hash,
      row.edited_at === null ? null : new Date(row.edited_at),
      row.deleted_at === null ? null : new Date(row.deleted_at),
    ],
  );
  const message = presentMessage({ ...row, rev });
  tx.emit(`room:${row.room_id}`, { event: 'message', payload: { roomId: row.room_id, rev, message, user } });
  return message;
}
