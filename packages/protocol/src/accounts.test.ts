import { describe, expect, test } from 'vitest';
import { Email, LanguageTag, Password, PersonName } from './accounts.ts';

describe('a name of a person', () => {
  test.each([
    'Ada Lovelace',
    'Lucía Fernández',
    'Олена Коваленко',
    'Γιώργος',
    '田中 メイ',
    '葛\u{e0100}城',
    'أمیرة حداد',
    'می\u200cخواهم',
    'श्री\u200dक',
    'ක්\u200dෂේත්‍ර',
    'Sam 👩🏽\u200d🚀',
    'Sam 👨\u200d👩\u200d👧',
    'Sam ❤\ufe0f',
    'Sam 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    "Conan O'Brien-Иванов",
    '🙂',
    'No. 1\ufe0f\u20e3',
  ])('may be %s', (name) => expect(PersonName.parse(name)).toBe(name.normalize('NFC')));

  test.each([
    'Ada\u200b',
    '\u200bAda',
    'A\u200dda',
    'A\u200cda',
    'Ada\u2060',
    'A\ufeffda',
    'Ada1\ufe0f',
    'A\u00adda',
    'Ada\ufe0f',
    'Ada\u034f',
    'Ada\u{e0061}',
    'Ada\u{e0100}',
    '\u3164',
    '\u115f\u1160',
    '\u2800',
    '\u200d',
    'Ada\u202e',
    'Ada\u2066',
    'می\u200c',
    '🙂\u200d',
  ])('is refused as %j: part of it is invisible', (name) => expect(PersonName.safeParse(name).success).toBe(false));

  test.each(['Аda', 'Adа Lovelace', 'Confаb', 'Αda'])('is refused as %s: a word mixes alphabets', (name) =>
    expect(PersonName.safeParse(name).success).toBe(false),
  );
});

describe('an address', () => {
  test('is trimmed and put into lower case', () => expect(Email.parse(' Ada@Example.COM ')).toBe('ada@example.com'));

  test.each([
    'a@x.example,b@y.example',
    'a@x.example;b@y.example',
    'a@x.example b@y.example',
    'a@x.example\nb@y.example',
    'a@x.example\r\nBcc: b@y.example',
    'Ada <ada@example.com>',
    '<ada@example.com>',
    '"a@x.example,b"@y.example',
    'a@b@c.example',
    'ada@example.com\u0000',
    'ada@[127.0.0.1]',
    'ada@localhost',
    'ada(b@y.example)@example.com',
    'ada%0ab@example.com',
    'аda@example.com',
    `${'a'.repeat(250)}@example.com`,
    'ada',
    '@example.com',
    'ada@',
  ])('is refused as %j', (email) => expect(Email.safeParse(email).success).toBe(false));
});

describe('a password', () => {
  test('may have 8 to 200 characters of any kind', () => {
    for (const password of ['x'.repeat(8), 'x'.repeat(128), 'x'.repeat(200), 'Grüße 👋 …', '        ']) {
      expect(Password.safeParse(password).success, password).toBe(true);
    }
    for (const password of ['', 'x'.repeat(7), 'x'.repeat(201), '\ud800unpaired']) {
      expect(Password.safeParse(password).success, password).toBe(false);
    }
  });
});

describe('a language', () => {
  test.each([
    ['en', 'en'],
    ['PT-br', 'pt-BR'],
    ['zh-hans-cn', 'zh-Hans-CN'],
    ['sr-Latn', 'sr-Latn'],
    ['es-419', 'es-419'],
    ['fil', 'fil'],
  ])('%s is %s', (tag, canonical) => expect(LanguageTag.parse(tag)).toBe(canonical));

  test.each([
    'en-x-any-words',
    'anyword',
    'en-anyword',
    'en-Word',
    'en-a-anyword',
    'en-u-ca-anyword',
    'x-anyword',
    '',
    'e',
  ])('holds no words of one’s own: %j', (tag) => expect(LanguageTag.safeParse(tag).success).toBe(false));
});
