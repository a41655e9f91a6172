import { ProtocolError } from '@confab/protocol';
import { expect, test } from 'vitest';
import { createPasswords } from './passwords.ts';

test('2 are checked at a time and 100 wait; the 103rd is refused with overloaded, and afterwards there is room again', async () => {
  const passwords = await createPasswords();
  const passwordHash = await passwords.hash('the right one');
  const results = await Promise.allSettled(
    Array.from({ length: 110 }, (_, i) =>
      passwords.matches(i % 2 === 0 ? 'the right one' : 'a wrong one', passwordHash),
    ),
  );
  const answers = results.map((result) => (result.status === 'fulfilled' ? result.value : (result.reason as unknown)));
  expect(answers.slice(0, 102)).toEqual(Array.from({ length: 102 }, (_, i) => i % 2 === 0));
  for (const refused of answers.slice(102)) {
    expect(refused).toBeInstanceOf(ProtocolError);
    expect(refused).toMatchObject({ code: 'overloaded', details: { retryAfter: 1 } });
  }
  expect(await passwords.matches('the right one', passwordHash)).toBe(true);
});

test('a check that fails gives its place back', async () => {
  const passwords = await createPasswords();
  for (let i = 0; i < 5; i++) await expect(passwords.matches('x', 'no PHC string')).rejects.toThrow('Decoding failed');
  expect(await passwords.matches('right', await passwords.hash('right'))).toBe(true);
});

test('without a hash no password matches, the empty one included', async () => {
  const passwords = await createPasswords();
  for (const password of ['', 'null', 'undefined']) expect(await passwords.matches(password, null)).toBe(false);
});

test('two hashes of one password differ: each has a salt of its own', async () => {
  const passwords = await createPasswords();
  expect(await passwords.hash('same')).not.toBe(await passwords.hash('same'));
});
