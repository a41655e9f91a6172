import { expect, test } from 'vitest';
import { idBefore } from './ids.ts';

test('the id before another one ends one lower, and carries over', () => {
  expect(idBefore('01935a8b-6d3c-7f00-8a00-00000000000a')).toBe('01935a8b-6d3c-7f00-8a00-000000000009');
  expect(idBefore('01935a8b-6d3c-7f00-8a01-000000000000')).toBe('01935a8b-6d3c-7f00-8a00-ffffffffffff');
  expect(idBefore('01935a8b-6d3c-7f00-8a00-000000000100')).toBe('01935a8b-6d3c-7f00-8a00-0000000000ff');
});
