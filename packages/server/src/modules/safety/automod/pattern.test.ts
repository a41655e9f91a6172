/** What patterns may cost before it is known that they are too large. What they match is shown in triggers.test.ts. */
import { createRequire } from 'node:module';
import { expect, test, vi } from 'vitest';
import { compilePattern } from './pattern.ts';

const { RE2JS } = createRequire(import.meta.url)('re2js') as typeof import('re2js');
const compiled = vi.spyOn(RE2JS, 'compile');

test.each([`(?:${'ab'.repeat(230)}){1000}`, `(?:(?:${'ab'.repeat(90)}){10}){10}`, `${'a|'.repeat(200)}b{50}`])(
  'a pattern that is long and repeated is refused before it is compiled: %s',
  (source) => {
    compiled.mockClear();
    expect(() => compilePattern(source)).toThrow(expect.objectContaining({ code: 'bad_input' }));
    expect(compiled).not.toHaveBeenCalled();
  },
);

test.each(['a{90}', '\\b\\d{3,4}[- ]?\\d{3,4}[- ]?\\d{4}', '(?i)\\b[A-Z]{2}\\d{2}(?: ?[A-Z0-9]{4}){3,7}\\b'])(
  'one that is small once it is written out is not: %s',
  (source) => expect(compilePattern(source).size).toBeGreaterThan(20),
);
