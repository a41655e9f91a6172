import type { Message } from '@confab/protocol';

/** The optional parts of a message, exactly as on the wire. */
export type Parts = Partial<
  Pick<
    Message,
    'mentions' | 'reactions' | 'attachments' | 'poll' | 'system' | 'forwarded' | 'thread' | 'pinned' | 'language'
  >
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
  /** Since when it is hidden, for many reported it. Absent where it has just been sent. */
  hidden_at?: number | null;
  /** When it was approved, of one that was held before: others saw it from then on. */
  said_at?: number | null;
}

/** As everybody sees it, beside whom they block: one that is hidden without its words, with what it counts by. */
export function presentMessage(row: MessageRow): Message {
  if ((row.hidden_at ?? null) === null || row.deleted_at !== null) return presentStored(row);
  const message = presentStored(row);
  const { mentions } = message;
  return { ...placeOf(message), hidden: true, reported: true, ...(mentions && { mentions }) };
}

/** With all its words, also while it is hidden. */
export function presentStored(row: MessageRow): Message {
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

/** Whose words a message holds: who sent it, who said first what is forwarded, who gave the room its name or topic. */
export function authorsOf({ senderId, kind, system, forwarded }: Message): string[] {
  if (kind !== 'system') return forwarded === undefined ? [senderId] : [senderId, forwarded.senderId];
  return system?.type === 'renamed' || system?.type === 'topic' ? [senderId] : [];
}

/**
 * A message as someone sees it who blocks `blocked`. Of a blocked sender only the place in the order remains; what others
 * forward of someone blocked keeps in addition what it counts by; what the room says of someone blocked loses their words.
 * Every way a message can be read goes through here.
 */
export function forViewer(message: Message, blocked: ReadonlySet<string> | undefined): Message {
  if (blocked === undefined || !authorsOf(message).some((id) => blocked.has(id))) return message;
  if (message.kind === 'system') return { ...message, system: withoutWords(message.system) };
  const { senderId, forwarded, mentions } = message;
  const veiled: Message = { ...placeOf(message), hidden: true };
  if (blocked.has(senderId) || forwarded === undefined) return veiled;
  return { ...veiled, forwarded, ...(mentions && { mentions }) };
}

function placeOf({ id, roomId, n, rev, clientId, senderId, createdAt, deletedAt }: Message): Message {
  const place = { id, roomId, n, rev, clientId, senderId, createdAt, deletedAt };
  return { ...place, kind: 'text', body: '', replyTo: null, editedAt: null };
}

function withoutWords(event: Message['system']): Message['system'] {
  if (event?.type !== 'renamed' && event?.type !== 'topic') return event;
  return { type: event.type, actorId: event.actorId };
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
