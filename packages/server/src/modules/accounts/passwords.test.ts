import { ProtocolError } from '@confab/protocol';
import { hash as argon2 } from '@node-rs/argon2';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { dictionary } from '@zxcvbn-ts/language-common';
import { describe, expect, test } from 'vitest';
import { PASSWORD } from '../../../test/accounts.ts';
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

describe('a hash brought from elsewhere', () => {
  const password = 'correct horse battery';

  test.each(['2a', '2b', '2y'] as const)(
    'of bcrypt, $%s, is matched by its password alone, and outdated',
    async (version) => {
      const passwords = await createPasswords();
      const imported = await bcrypt(password, { cost: 4, version });
      expect(imported.startsWith(`$${version}$`)).toBe(true);
      expect(await passwords.matches(password, imported)).toBe(true);
      expect(await passwords.matches(`${password} `, imported)).toBe(false);
      expect(await passwords.matches('', imported)).toBe(false);
      expect(passwords.isOutdated(imported)).toBe(true);
    },
  );

  test('of bcrypt is not matched by more than the 72 bytes it was made of', async () => {
    const passwords = await createPasswords();
    const imported = await bcrypt('x'.repeat(72), { cost: 4 });
    expect(await passwords.matches('x'.repeat(72), imported)).toBe(true);
    expect(await passwords.matches(`${'x'.repeat(72)}y`, imported)).toBe(false);
  });

  test('of argon2 with another cost is matched and outdated; one made here is not', async () => {
    const passwords = await createPasswords();
    const weaker = await argon2(password, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
    expect(await passwords.matches(password, weaker)).toBe(true);
    expect(passwords.isOutdated(weaker)).toBe(true);
    expect(passwords.isOutdated(await passwords.hash(password))).toBe(false);
  });
});

test.each([73, 128, 200])('two passwords of %d bytes that differ in the last are two', async (length) => {
  const passwords = await createPasswords();
  const start = 'x'.repeat(length - 1);
  const passwordHash = await passwords.hash(`${start}a`);
  expect(await passwords.matches(`${start}a`, passwordHash)).toBe(true);
  expect(await passwords.matches(`${start}b`, passwordHash)).toBe(false);
});

describe('a new password', () => {
  const own = ['ada.lovelace', 'countess@example.com'];
  const refused = async (password: string) => {
    const passwords = await createPasswords();
    try {
      passwords.demandUncommon(password, own, 'password');
    } catch (error) {
      return error;
    }
    return undefined;
  };

  test.each(['password', '12345678', 'PassWord1', 'qwertyuiop', 'iloveyou', 'password123', 'Password123', 'trustno1'])(
    '%s is refused: many have it',
    async (password) => {
      expect(await refused(password)).toMatchObject({
        code: 'bad_input',
        details: { fields: [{ field: 'password' }] },
      });
    },
  );

  test.each([
    'ada.lovelace',
    'AdaLovelace',
    'adalovelace1815',
    'ada_lovelace!!',
    'countess@example.com',
    'countess1',
    'CountessCountess',
    'confab123',
    'confabconfab',
    'Confab!!',
  ])('%s is refused: it says who its owner is', async (password) => expect(await refused(password)).toBeDefined());

  test.each(['a good password', PASSWORD, 'Ada Lovelace wrote notes', 'x'.repeat(128), '        ', 'пароль-не-пароль'])(
    '%j is taken',
    async (password) => expect(await refused(password)).toBeUndefined(),
  );

  // `vitest -u` writes it anew.
  test('is compared with the list of zxcvbn, as far as it is long enough', async () => {
    const common = dictionary['passwords-common'].filter((password) => password.length >= 8).toSorted();
    expect(common.length).toBeGreaterThan(10_000);
    await expect(`${common.join('\n')}\n`).toMatchFileSnapshot('common-passwords.txt');
  });
});
