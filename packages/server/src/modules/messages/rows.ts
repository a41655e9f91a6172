import type { Message } from '@confab/protocol';

/** A row of `chat.messages`. */
export interface MessageRow {
  room_id: string;
  message_id: string;
  n: number;
  rev: number;
  sender_id: string;
  client_id: string;
  client_hash: Buffer | null;
  kind: Message['kind'];
  body: string;
  reply_to: string | null;
  created_at: number;
  edited_at: number | null;
  deleted_at: number | null;
}

export function presentMessage(row: MessageRow): Message {
  return {
    id: row.message_id,
    roomId: row.room_id,
    n: row.n,
    rev: row.rev,
    clientId: row.client_id,
    senderId: row.sender_id,
    kind: row.kind,
    body: row.body,
    replyTo: row.reply_to,
    createdAt: row.created_at,
    editedAt: row.edited_at,
    deletedAt: row.deleted_at,
  };
}
