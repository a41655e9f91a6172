import type { Message } from '@confab/sdk';
import { expect, test } from 'vitest';
import { summaryOf, systemText } from './summary.ts';

const names: Record<string, string> = { a: 'Ann', b: 'Bob' };
const nameOf = (id: string) => names[id];
const message = (parts: Partial<Message>): Message => ({
  id: 'm',
  roomId: 'r',
  n: 1,
  rev: 1,
  clientId: 'c',
  senderId: 'a',
  kind: 'text',
  body: '**bold** move',
  replyTo: null,
  createdAt: 0,
  editedAt: null,
  deletedAt: null,
  ...parts,
});

test('a message is summed up by what it is', () => {
  const poll = {
    question: 'Where?',
    options: [],
    multiple: false,
    anonymous: false,
    closesAt: null,
    closedAt: null,
    voters: 0,
  };
  expect(summaryOf(message({}), nameOf)).toBe('bold move');
  expect(summaryOf(message({ deletedAt: 1, body: '' }), nameOf)).toBe('Message deleted');
  expect(summaryOf(message({ hidden: true, body: '' }), nameOf)).toBe('Message from someone you blocked');
  expect(summaryOf(message({ kind: 'poll', body: 'Where?', poll }), nameOf)).toBe('Poll: Where?');
});

test('what the server says is a sentence about who did what', () => {
  expect(systemText({ type: 'joined', actorId: 'a', userId: 'a' }, nameOf)).toBe('Ann joined.');
  expect(systemText({ type: 'joined', actorId: 'a', userId: 'b' }, nameOf)).toBe('Ann added Bob.');
  expect(systemText({ type: 'left', actorId: 'a', userId: 'b' }, nameOf)).toBe('Ann removed Bob.');
  const expelled = { type: 'left', actorId: 'b', userId: 'b', expelled: true } as const;
  expect(systemText(expelled, nameOf)).toBe('Bob was removed by moderators.');
  expect(systemText({ type: 'topic', actorId: 'a', topic: '' }, nameOf)).toBe('Ann removed the topic.');
  expect(systemText({ type: 'archived', actorId: 'x', archived: true }, nameOf)).toBe('… archived the room.');
});
