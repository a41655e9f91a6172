import { expect, test } from 'vitest';
import { line, text } from './ids.ts';

// Excluded from composition: NFC makes two code units of this one.
const GROWS = '\u0958';

test.each([
  ['line', line(1, 10)],
  ['text', text(10)],
])('%s: the maximum holds before and after normalising', (_, schema) => {
  expect(schema.parse(GROWS.repeat(5))).toHaveLength(10);
  expect(schema.safeParse(GROWS.repeat(6)).success).toBe(false);
  expect(schema.safeParse('a'.repeat(10)).success).toBe(true);
  // Composed, it would fit.
  expect(schema.safeParse('a\u0308'.repeat(6)).success).toBe(false);
  expect(schema.safeParse(`a${' '.repeat(10)}`).success).toBe(false);
});

test('text: what turns letters round is left out; marks and isolates that languages need stay', () => {
  expect(text(20).parse('\u202ekcuf\u202d!')).toBe('kcuf!');
  expect(text(20).parse('\u2067שלום\u2069 a\u200f')).toBe('\u2067שלום\u2069 a\u200f');
  expect(text(20).safeParse('\u202e ').success).toBe(false);
});
