/** History as it is laid out: messages in groups, between separators. */
import type { Message, OutboxItem } from '@confab/sdk';
import { dayNumber } from '../lib/time.ts';

/**
 * A run of messages of one person, each soon after the one before, shows avatar and name once, at its `first`, and how
 * far it has come at the `last` that was sent.
 */
export type Row =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'unread'; key: string }
  | { kind: 'message'; key: string; message: Message; first: boolean; last: boolean }
  | { kind: 'held'; key: string; message: Message }
  | { kind: 'pending'; key: string; item: OutboxItem; first: boolean };

/** The key of a message's row. */
export const messageKey = (message: Message) => `${message.senderId}:${message.clientId}`;

const GROUP_MS = 5 * 60_000;

/**
 * Rows in order of the messages; after them what of mine waits for approval or was not approved, and the outbox.
 *
 * A message keeps its key from the outbox to the history, so that it stays the same element on the screen.
 * @param unreadAfter the read mark under which the "new" separator stands: before the first message of another person
 *   after it; null for none.
 */
export function buildRows(
  messages: readonly Message[],
  pending: readonly OutboxItem[],
  myId: string,
  unreadAfter: number | null,
  held: readonly Message[] = [],
): Row[] {
  const rows: Row[] = [];
  let before: { senderId: string; createdAt: number } | null = null;
  let lastDay: number | null = null;
  let separated = unreadAfter === null;

  for (const message of messages) {
    const counts =
      message.senderId !== myId &&
      message.kind !== 'system' &&
      (!message.hidden || !!message.forwarded || !!message.reported);
    const separator = !separated && counts && message.n > (unreadAfter ?? 0);
    const newDay = lastDay !== dayNumber(message.createdAt);
    if (newDay)
      rows.push({ kind: 'day', key: `day:${dayNumber(message.createdAt)}:${message.n}`, at: message.createdAt });
    if (separator) {
      rows.push({ kind: 'unread', key: 'unread' });
      separated = true;
    }
    const first: boolean =
      newDay || separator || message.replyTo !== null || isApart(message) || !sameGroup(before, message);
    const previous = rows.at(-1);
    if (!first && previous?.kind === 'message') previous.last = false;
    rows.push({ kind: 'message', key: messageKey(message), message, first, last: true });
    before = isApart(message) ? null : message;
    lastDay = dayNumber(message.createdAt);
  }

  for (const message of held) {
    rows.push({ kind: 'held', key: messageKey(message), message });
    before = null;
  }

  for (const item of pending) {
    const mine = { senderId: myId, createdAt: item.createdAt };
    const first = item.replyTo !== null || !sameGroup(before, mine);
    rows.push({ kind: 'pending', key: `${myId}:${item.clientId}`, item, first });
    before = mine;
  }
  return rows;
}

// What the server says and what is forwarded belongs to no group.
const isApart = (message: Message) => message.kind === 'system' || message.forwarded !== undefined;

// Clocks differ: a message "before" the one above it still belongs to its group.
function sameGroup(
  before: { senderId: string; createdAt: number } | null,
  next: { senderId: string; createdAt: number },
): boolean {
  return before !== null && before.senderId === next.senderId && next.createdAt - before.createdAt < GROUP_MS;
}
