import { expect, test } from 'vitest';
import { EMOJI } from './emoji.ts';

test('every emoji that is offered is one emoji, offered once, and found by a word', () => {
  for (const [emoji, words] of EMOJI) {
    expect(emoji).toMatch(/^\p{RGI_Emoji}$/v);
    expect(words).toMatch(/^[a-z]/);
  }
  expect(new Set(EMOJI.map(([emoji]) => emoji)).size).toBe(EMOJI.length);
});
