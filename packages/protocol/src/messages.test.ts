import { expect, test } from 'vitest';
import { Emoji } from './messages.ts';

test.each([
  ['a plain one', '👍'],
  ['shown as a picture by a selector', '❤️'],
  ['a keycap', '1️⃣'],
  ['a skin tone', '👋🏽'],
  ['several joined', '👩🏽‍❤️‍💋‍👨🏿'],
  ['a flag', '🇩🇪'],
  ['a flag of a part of a country', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
])('one emoji: %s', (_, emoji) => {
  expect(Emoji.parse(emoji)).toBe(emoji);
});

const tagged = (word: string) => Array.from(word, (c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join('');

test.each([
  ['nothing', ''],
  ['two', '👍👍'],
  ['a digit', '1'],
  ['a letter', 'a'],
  ['a letter that is no picture by itself', '©'],
  ['a flag of no country', '🇦🇦'],
  ['letters above it', '🙂\u0363\u0364\u0365\u0368\u0369\u036a'],
  ['accents above it', `🙂${'\u0301'.repeat(60)}`],
  ['a word in tags', `🏴${tagged('hello')}\u{e007f}`],
  ['lettered squares joined', '🅰\u200d🅱\u200d🅾\u200d🅿'],
  ['a sign before it', '\u0600\u0600🙂'],
  ['a sign of direction after it', '🙂\u202e'],
  ['joiners after it', '🙂\u200c\u200c'],
])('no single emoji: %s', (_, text) => {
  expect(Emoji.safeParse(text).success).toBe(false);
});
