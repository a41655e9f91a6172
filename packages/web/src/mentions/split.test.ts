import { expect, test } from 'vitest';
import { openMention, splitMentions } from './split.ts';

const names = new Set(['ann', 'b.ob', 'room']);

test('a text is split where someone who is mentioned is named', () => {
  expect(splitMentions('hi @ann, and @B.ob. @cara', names)).toEqual([
    { value: 'hi ', name: null },
    { value: '@ann', name: 'ann' },
    { value: ', and ', name: null },
    { value: '@B.ob', name: 'b.ob' },
    { value: '. @cara', name: null },
  ]);
  expect(splitMentions('@room', names)).toEqual([{ value: '@room', name: 'room' }]);
});

test('an address or a part of a word mentions nobody', () => {
  for (const text of ['me@ann', 'x.@ann', '@@ann', '@annabel', ''])
    expect(splitMentions(text, names).every(({ name }) => name === null)).toBe(true);
});

test('a mention is being typed from the @ to the caret', () => {
  expect(openMention('hello @an', 9)).toEqual({ from: 6, query: 'an' });
  expect(openMention('@', 1)).toEqual({ from: 0, query: '' });
  expect(openMention('hello @Mä and', 9)).toEqual({ from: 6, query: 'mä' });
  for (const text of ['me@an', 'hello @an ', 'hello']) expect(openMention(text, text.length)).toBeNull();
});
