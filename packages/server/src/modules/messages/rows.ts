import type { Message } from '@confab/protocol';

/** The optional parts of a message, exactly as on the wire. */
export type Parts = Partial<
  Pick<Message, 'mentions' | 'reactions' | 'attachments' | 'poll' | 'system' | 'forwarded' | 'thread' | 'pinned'>
>;

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
  parts: Parts | null;
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
    ...row.parts,
  };
}

/**
 * A message as someone sees it who blocks `blocked`: of a blocked author only the place in the order remains. Every way
 * a message can be read goes through here.
 */
export function forViewer(message: Message, blocked: ReadonlySet<string> | undefined): Message {
  if (blocked === undefined || !blocked.has(message.senderId) || message.kind === 'system') return message;
  const { id, roomId, n, rev, clientId, senderId, createdAt, deletedAt } = message;
  const place = { id, roomId, n, rev, clientId, senderId, createdAt, deletedAt };
  return { ...place, kind: 'text', body: '', replyTo: null, editedAt: null, hidden: true };
}

/** The same parts with one replaced; null when none are left. */
export function withPart<K extends keyof Parts>(
  parts: Parts | null,
  key: K,
  value: Parts[K] | undefined,
): Parts | null {
  const next: Parts = { ...parts };
  if (value === undefined) delete next[key];
  else next[key] = value;
  return Object.keys(next).length === 0 ? null : next;
}
