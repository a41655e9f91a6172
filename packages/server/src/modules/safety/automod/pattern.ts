/** Regular expressions of operators: RE2 syntax, matched in linear time, and small. */
import { badInput } from '@confab/protocol';
import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

const require = createRequire(import.meta.url);

/** Instructions of one compiled pattern at most: what matching costs is these times the length of the text. */
const MAX_SIZE = 100;
/** What all repetition counts of a pattern multiply to at most, so that compiling it stays cheap. */
const MAX_REPEATS = 1000;
/**
 * Characters of a pattern at most, were everything in it written out as often as all its repetitions together ask for. No
 * pattern is longer once it is compiled, which takes time in proportion.
 */
const MAX_WRITTEN_OUT = 10_000;

export interface Pattern {
  /** Instructions. */
  size: number;
  test(text: string): boolean;
}

/** @throws ProtocolError bad_input (trigger.pattern) for what is no RE2 pattern, or is too large */
export function compilePattern(source: string): Pattern {
  let repeats = 1;
  for (const [, least, most] of source.matchAll(/\{(\d{1,6})(?:,(\d{0,6}))?\}/g)) {
    repeats *= Math.max(1, Number(least), Number(most ?? 0));
  }
  if (repeats > MAX_REPEATS) throw badInput('trigger.pattern', `repeats things more than ${MAX_REPEATS} times`);
  const tooLarge = () => badInput('trigger.pattern', 'is too large: use fewer parts and repetitions');
  if (source.length * repeats > MAX_WRITTEN_OUT) throw tooLarge();
  const compiled = compile(source);
  const size = compiled.programSize();
  if (size > MAX_SIZE) throw tooLarge();
  return { size, test: (text) => compiled.test(text) };
}

function compile(source: string): RE2JS {
  // With the first pattern: a compiler of 3 MB is nothing for who has none.
  const re2 = require('re2js') as typeof import('re2js');
  try {
    return re2.RE2JS.compile(source);
  } catch (error) {
    if (!(error instanceof re2.RE2JSException)) throw error;
    const problem = error.message.replace(/^error parsing regexp: /, '');
    throw badInput('trigger.pattern', `is not a regular expression: ${problem}`);
  }
}
