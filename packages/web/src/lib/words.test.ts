import { expect, test } from 'vitest';
import { count, hue, initials, names } from './words.ts';

test('initials are the first letters of the first and the last word', () => {
  expect(initials('Mara Lindqvist')).toBe('ML');
  expect(initials('ana maria de souza')).toBe('AS');
  expect(initials('design')).toBe('D');
  expect(initials('Đorđe Ćosić')).toBe('ĐĆ');
  expect(initials('田中 太郎')).toBe('田太');
});

test('a name without letters still has initials', () => {
  expect(initials('🎉')).toBe('#');
  expect(initials('')).toBe('#');
});

test('names are listed up to three, unless only one more would be left out', () => {
  expect(names(['A'])).toBe('A');
  expect(names(['A', 'B'])).toBe('A and B');
  expect(names(['A', 'B', 'C', 'D'])).toBe('A, B, C and D');
  expect(names(['A', 'B', 'C', 'D', 'E'])).toBe('A, B, C and 2 others');
});

test('one is singular', () => {
  expect(count(1, 'member')).toBe('1 member');
  expect(count(0, 'member')).toBe('0 members');
});

test('the hue of an id does not change', () => {
  expect(hue('01936b5e-7d1c-7cc3-9a55-0242ac120002')).toBe(hue('01936b5e-7d1c-7cc3-9a55-0242ac120002'));
  expect(new Set(['a', 'b', 'c', 'd', 'e'].map(hue)).size).toBeGreaterThan(3);
});
