import type { Message, OutboxItem } from '@confab/sdk';
import { expect, test } from 'vitest';
import { buildRows, type Row } from './rows.ts';

const noon = new Date(2026, 4, 4, 12).getTime();
const minute = 60_000;

function message(n: number, senderId: string, minutes: number, more: Partial<Message> = {}): Message {
  return {
    id: `m${n}`,
    roomId: 'r',
    n,
    rev: n,
    clientId: `client-${n}`,
    senderId,
    kind: 'text',
    body: `${n}`,
    replyTo: null,
    createdAt: noon + minutes * minute,
    editedAt: null,
    deletedAt: null,
    ...more,
  };
}

function outgoing(clientId: string, minutes: number): OutboxItem {
  const createdAt = noon + minutes * minute;
  return {
    clientId,
    roomId: 'r',
    body: clientId,
    replyTo: null,
    state: 'pending',
    createdAt,
    done: new Promise(() => {}),
  };
}

const short = (rows: Row[]) =>
  rows.map((row) => {
    if (row.kind === 'message') return `${row.first ? '+' : ''}${row.message.n}${row.last ? '.' : ''}`;
    if (row.kind === 'pending') return `${row.first ? '+' : ''}${row.item.clientId}`;
    return row.kind;
  });

test('messages of one person within five minutes form a group', () => {
  const messages = [
    message(1, 'a', 0),
    message(2, 'a', 4),
    message(3, 'b', 4),
    message(4, 'b', 9),
    message(5, 'b', 10),
  ];
  expect(short(buildRows(messages, [], 'me', null))).toEqual(['day', '+1', '2.', '+3.', '+4', '5.']);
});

test('a reply begins a group', () => {
  const messages = [message(1, 'a', 0), message(2, 'a', 1, { replyTo: 'm1' })];
  expect(short(buildRows(messages, [], 'me', null))).toEqual(['day', '+1.', '+2.']);
});

test('each day begins with a separator', () => {
  const messages = [message(1, 'a', 0), message(2, 'a', 13 * 60), message(3, 'a', 13 * 60 + 1)];
  expect(short(buildRows(messages, [], 'me', null))).toEqual(['day', '+1.', 'day', '+2', '3.']);
});

test('the unread separator stands before the first message of another person after the read mark', () => {
  const messages = [message(1, 'a', 0), message(2, 'me', 1), message(3, 'a', 2), message(4, 'a', 3)];
  expect(short(buildRows(messages, [], 'me', 1))).toEqual(['day', '+1.', '+2.', 'unread', '+3', '4.']);
  expect(short(buildRows(messages, [], 'me', 4))).not.toContain('unread');
  expect(short(buildRows(messages, [], 'me', null))).not.toContain('unread');
});

test('the outbox follows the newest message and joins its group', () => {
  const rows = buildRows([message(1, 'a', 0), message(2, 'me', 1)], [outgoing('x', 2), outgoing('y', 9)], 'me', null);
  expect(short(rows)).toEqual(['day', '+1.', '+2.', 'x', '+y']);
});

test('a message has the same key in the outbox and in the history', () => {
  const sent = buildRows([message(1, 'me', 0)], [], 'me', null).at(-1);
  const before = buildRows([], [outgoing('client-1', 0)], 'me', null).at(-1);
  expect(before?.key).toBe(sent?.key);
});
