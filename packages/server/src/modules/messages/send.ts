import { createHash } from 'node:crypto';
import { type Message, ProtocolError, type PublicUser } from '@confab/protocol';
import type { Ids } from '../../platform/ids.ts';
import type { Profiles } from '../accounts/index.ts';
import { type ChangeKind, may, type Outcome, type RoomTx } from '../rooms/index.ts';
import { type MessageRow, presentMessage } from './rows.ts';

export interface Send {
  roomId: string;
  senderId: string;
  clientId: string;
  body: string;
  replyTo: string | null;
}

const SENT_BEFORE = {
  name: 'messages.sent_before',
  text: `SELECT m.* FROM chat.messages m
         JOIN unnest($1::uuid[], $2::uuid[], $3::text[]) AS s (room_id, sender_id, client_id)
         USING (room_id, sender_id, client_id)`,
};
const EXISTING = {
  name: 'messages.existing',
  text: `SELECT room_id, message_id FROM chat.messages
         JOIN unnest($1::uuid[], $2::uuid[]) AS s (room_id, message_id) USING (room_id, message_id)`,
};
const INSERT = {
  name: 'messages.insert',
  text: `INSERT INTO chat.messages
           (room_id, message_id, n, rev, sender_id, client_id, client_hash, kind, body, reply_to, created_at)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::uuid[], $6::text[], $7::bytea[],
                              $8::text[], $9::text[], $10::uuid[], $11::timestamptz[])`,
};

/**
 * Sends many messages, of many rooms, in four statements. A message sent before under the same (room, sender, clientId)
 * is answered again instead of being stored twice; other content under that clientId is refused.
 */
export function sendKind(profiles: Profiles, ids: Ids): ChangeKind<Send, Message, ReadonlyMap<string, PublicUser>> {
  return {
    name: 'send',
    async prepare(batch) {
      const users = await profiles.publicUsers([...new Set(batch.map((send) => send.senderId))]);
      return new Map(users.map((user) => [user.id, user]));
    },
    async apply(batch, tx, users) {
      const facts = await loadFacts(batch, tx);
      const fresh: MessageRow[] = [];
      const outcomes = batch.map((send): Outcome<Message> => {
        const key = sendKey(send);
        const before = facts.sent.get(key);
        const refusal = refuse(send, tx, facts, before);
        if (refusal !== null) return { ok: false, error: refusal };
        if (before !== undefined) return { ok: true, value: presentMessage(before) };
        const row = number(send, tx, ids);
        facts.sent.set(key, row);
        fresh.push(row);
        return { ok: true, value: presentMessage(row) };
      });
      await insert(tx, fresh);
      for (const row of fresh) {
        const user = users.get(row.sender_id);
        if (user === undefined) throw new Error('the sender of a message has no profile');
        const { room_id: roomId, rev } = row;
        tx.emit(`room:${roomId}`, { event: 'message', payload: { roomId, rev, message: presentMessage(row), user } });
      }
      return outcomes;
    },
  };
}

interface Facts {
  /** Present members' roles, by room and person. */
  roles: ReadonlyMap<string, Parameters<typeof may>[2]>;
  /** Messages by (room, sender, clientId); grows with the batch. */
  sent: Map<string, MessageRow>;
  /** `room message` of the messages replied to that exist. */
  replied: ReadonlySet<string>;
}

async function loadFacts(batch: readonly Send[], tx: RoomTx): Promise<Facts> {
  const members = await tx.members(batch.map((send) => ({ roomId: send.roomId, userId: send.senderId })));
  const sent = await tx.db.query<MessageRow>(SENT_BEFORE, [
    batch.map((send) => send.roomId),
    batch.map((send) => send.senderId),
    batch.map((send) => send.clientId),
  ]);
  const replies = batch.filter((send) => send.replyTo !== null);
  const replied =
    replies.length === 0
      ? []
      : (
          await tx.db.query<{ room_id: string; message_id: string }>(EXISTING, [
            replies.map((send) => send.roomId),
            replies.map((send) => send.replyTo),
          ])
        ).rows;
  return {
    roles: new Map(members.filter((m) => m.left_at === null).map((m) => [`${m.room_id} ${m.user_id}`, m.role])),
    sent: new Map(
      sent.rows.map((row) => [sendKey({ roomId: row.room_id, senderId: row.sender_id, clientId: row.client_id }), row]),
    ),
    replied: new Set(replied.map((row) => `${row.room_id} ${row.message_id}`)),
  };
}

function refuse(send: Send, tx: RoomTx, facts: Facts, before: MessageRow | undefined): ProtocolError | null {
  const room = tx.room(send.roomId);
  const role = facts.roles.get(`${send.roomId} ${send.senderId}`);
  if (room === undefined || role === undefined) return new ProtocolError('not_found');
  if (!may('send', room.kind, role)) return new ProtocolError('forbidden');
  if (before !== undefined) {
    // Erased with the body: then there is nothing left to compare with.
    const same = before.client_hash === null || before.client_hash.equals(contentHash(send));
    return same ? null : new ProtocolError('client_id_reused');
  }
  if (send.replyTo !== null && !facts.replied.has(`${send.roomId} ${send.replyTo}`)) {
    return new ProtocolError('not_found', { fields: [{ field: 'replyTo', problem: 'is no message of this room' }] });
  }
  return null;
}

function number(send: Send, tx: RoomTx, ids: Ids): MessageRow {
  const room = tx.room(send.roomId);
  if (room === undefined) throw new Error('a room vanished while it was locked');
  return {
    room_id: send.roomId,
    message_id: ids.uuid(),
    n: tx.nextN(room),
    rev: tx.nextRev(room),
    sender_id: send.senderId,
    client_id: send.clientId,
    client_hash: contentHash(send),
    kind: 'text',
    body: send.body,
    reply_to: send.replyTo,
    created_at: tx.now,
    edited_at: null,
    deleted_at: null,
  };
}

async function insert(tx: RoomTx, rows: readonly MessageRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.db.query(INSERT, [
    rows.map((r) => r.room_id),
    rows.map((r) => r.message_id),
    rows.map((r) => r.n),
    rows.map((r) => r.rev),
    rows.map((r) => r.sender_id),
    rows.map((r) => r.client_id),
    rows.map((r) => r.client_hash),
    rows.map((r) => r.kind),
    rows.map((r) => r.body),
    rows.map((r) => r.reply_to),
    rows.map((r) => new Date(r.created_at)),
  ]);
}

function sendKey(send: Pick<Send, 'roomId' | 'senderId' | 'clientId'>): string {
  return `${send.roomId} ${send.senderId} ${send.clientId}`;
}

// Tells other content from the same; 16 bytes are plenty for that.
function contentHash(send: Send): Buffer {
  return createHash('sha256')
    .update(`${send.replyTo ?? ''}\n${send.body}`)
    .digest()
    .subarray(0, 16);
}
