/** How large folded texts are. What is found in them is shown in words.test.ts. */
import { expect, test } from 'vitest';
import { fold } from './fold.ts';

const longest = (text: string) => Math.max(...fold(text).map(({ counts }) => counts.reduce((sum, n) => sum + n, 0)));

test('no character becomes more than four letters', () => {
  const long: string[] = [];
  for (let code = 0x80; code <= 0x2ffff; code += 1) {
    const char = String.fromCodePoint(code);
    if (!char.isWellFormed() || char.normalize('NFKC').length <= 2) continue;
    // A space before and after it.
    if (longest(char) > 4 + 2) long.push(code.toString(16));
  }
  expect(long).toEqual([]);
});

test('a text of phrases in one character is no longer than it was', () => {
  const text = '\ufdfa'.repeat(8000);
  expect(longest(text)).toBeLessThanOrEqual(text.length);
});
