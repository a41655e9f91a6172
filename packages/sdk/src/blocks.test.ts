import type { Message } from '@confab/protocol';
import { expect, test } from 'vitest';
import { isShownAsBlocked } from './blocks.ts';

const [ANN, BOB] = ['01890a5d-ac96-774b-bcce-b302099a8057', '01890a5d-ac96-774b-bcce-b302099a8058'];
const said: Message = {
  id: '01890a5d-ac96-774b-bcce-b302099a8059',
  roomId: '01890a5d-ac96-774b-bcce-b302099a805a',
  n: 1,
  rev: 1,
  clientId: 'client-id',
  senderId: BOB,
  kind: 'text',
  body: '',
  replyTo: null,
  createdAt: 1,
  editedAt: null,
  deletedAt: null,
};
const forwarded = { senderId: ANN, createdAt: 1 };
const renamed = (name?: string): Message => ({
  ...said,
  kind: 'system',
  system: { type: 'renamed', actorId: BOB, ...(name !== undefined && { name }) },
});
const topic = (text?: string): Message => ({
  ...said,
  kind: 'system',
  system: { type: 'topic', actorId: BOB, ...(text !== undefined && { topic: text }) },
});

test.each<[string, Message, blocked: string[][]]>([
  ['words', said, [[], [ANN]]],
  ['a hidden message', { ...said, hidden: true }, [[BOB], [ANN, BOB]]],
  ['what many reported', { ...said, hidden: true, reported: true }, [[], [ANN]]],
  ['words of Ann that Bob forwards', { ...said, forwarded }, [[]]],
  ['hidden words of Ann that Bob forwards', { ...said, forwarded, hidden: true }, [[ANN]]],
  ['a new name', renamed('Ours'), [[], [ANN]]],
  ['a new name left out', renamed(), [[BOB], [ANN, BOB]]],
  ['no topic any more', topic(''), [[], [ANN]]],
  ['a new topic left out', topic(), [[BOB], [ANN, BOB]]],
  [
    'joining',
    { ...said, kind: 'system', system: { type: 'joined', actorId: BOB, userId: BOB } },
    [[], [ANN], [BOB], [ANN, BOB]],
  ],
])('%s: for whom it is shown so', (_, message, right) => {
  const all = [[], [ANN], [BOB], [ANN, BOB]];
  expect(all.filter((blocked) => isShownAsBlocked(message, new Set(blocked)))).toEqual(right);
});
