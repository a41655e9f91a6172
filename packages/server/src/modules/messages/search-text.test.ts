import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MessageRow } from './rows.ts';
import { entriesOf, quote } from './search-index.ts';
import { highlight, parseQuery, toRankedTsquery, toTsquery } from './search-query.ts';
import { tokenize } from './search-text.ts';

const words = (text: string) => tokenize(text).map((token) => token.text);

test.each([
  ['case, in every script', 'HELLO ΣΊΣΥΦΟΣ ПРИВЕТ', ['hello', 'σισυφοσ', 'привет']],
  ['German umlauts and ß', 'Größe Straße STRASSE ẞ', ['grosse', 'strasse', 'strasse', 'ss']],
  ['French accents; an elision separates words', "l'été à Noël, cœur", ['l', 'ete', 'a', 'noel', 'coeur']],
  ['Vietnamese tones and letters', 'Việt Nam, Đà Nẵng', ['viet', 'nam', 'da', 'nang']],
  ['Turkish i with and without its dot', 'İstanbul ISPARTA ısparta', ['istanbul', 'isparta', 'isparta']],
  ['Russian ё, but й stays a letter', 'Ёлка мой', ['елка', 'мой']],
  ['Arabic vowel signs, tatweel and forms of alef', 'مَرْحَبـــًا أهلاً', ['مرحبا', 'اهلا']],
  ['Hebrew points', 'שָׁלוֹם עולם', ['שלום', 'עולם']],
  ['Hindi keeps its vowels; the nukta is optional', 'हिन्दी फ़िल्म', ['हिन्दी', 'फिल्म']],
  ['Persian joiners do not separate', 'می‌خواهم', ['ميخواهم']],
  ['ligatures, widths and fractions', 'ﬁnd ＡＢＣ ½', ['find', 'abc', '1', '2']],
  ['Chinese in pairs', '我喜欢猫', ['我喜', '喜欢', '欢猫', '猫']],
  ['Japanese in pairs, half-width kana as full', 'ｶﾞｸ漢字', ['ガク', 'ク漢', '漢字', '字']],
  ['Korean in pairs', '학교에서', ['학교', '교에', '에서', '서']],
  ['Thai in pairs of letters with their marks', 'สวัสดี', ['สวั', 'วัส', 'สดี', 'ดี']],
  ['emoji without skin tones and joiners', '👍🏽 👩‍💻', ['👍', '👩💻', '💻']],
  [
    'punctuation separates',
    'foo_bar a.b@c.de 你好，世界',
    ['foo', 'bar', 'a', 'b', 'c', 'de', '你好', '好', '世界', '界'],
  ],
  ['a phrase in one character stays one', 'x\ufdfa ㍿ ½', ['x\ufdfa', '株式', '式会', '会社', '社', '1', '2']],
  ['nothing to find', ' ?!… \n', []],
])('folds and separates: %s', (_, text, expected) => {
  expect(words(text)).toEqual(expected);
});

test('a text has at most six tokens for each of its characters, whatever it is made of', () => {
  const long: string[] = [];
  for (let code = 0x80; code <= 0x2ffff; code += 1) {
    const char = String.fromCodePoint(code);
    if (!char.isWellFormed() || char.normalize('NFKC').length <= 2) continue;
    if (words(char).join('').length > 2 * 6) long.push(code.toString(16));
  }
  expect(long).toEqual([]);
});

test('composed and decomposed text are the same', () => {
  for (const text of ['été', 'Việt', 'が', '한국어', 'Å']) {
    expect(words(text.normalize('NFD'))).toEqual(words(text.normalize('NFC')));
  }
});

test('tokens hold nothing that an operator or a tag is made of, and lie in the text in order', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      let from = 0;
      for (const token of tokenize(text)) {
        expect(token.text).toMatch(/^[^='"\\&|!():*<>~\s]{1,64}$/u);
        expect(token.text.isWellFormed()).toBe(true);
        expect(token.from).toBeGreaterThanOrEqual(from);
        expect(token.ends.length).toBeGreaterThanOrEqual(token.text.length);
        expect(token.ends.at(-1)).toBeLessThanOrEqual(text.length);
        from = token.from;
      }
    }),
  );
});

test('a mark on a quote does not make it part of a word', () => {
  expect(words("'\u3099 '\u0301 ~\u093e a'\u3099b")).toEqual(['a', 'b']);
  expect(quote("a'b\\c")).toBe("'a''b\\\\c'");
});

test.each([
  ['hel wor', "('~hel':*) & ('~wor':*)"],
  ['"hello world"', "('~hello' <1> '~world')"],
  ['hello "brave new', "('~hello':*) & ('~brave':*) & ('~new':*)"],
  ['猫', "('~猫':*)"],
  ['猫咖啡', "('~猫咖' <1> '~咖啡':*)"],
  ["a & !b | c:* <-> 'd'", "('~a':*) & ('~b':*) & ('~c':*) & ('~d':*)"],
  ['same same', "('~same':*)"],
  ['&|!()', ''],
])('the query %s', (text, expected) => {
  expect(toTsquery(parseQuery(text), {})).toBe(expected);
});

test.each([
  ['hel "brave new" wor', "'~brave' & '~hel':* & '~new' & '~wor':*"],
  ['a b c d e f', "'~a':* & '~b':* & '~c':* & '~d':*"],
  ['a bb ccc dddd eeeee "ffffff"', "'~ffffff' & '~eeeee':* & '~dddd':* & '~ccc':*"],
  ['same "other same" same', "'~other' & '~same'"],
  ['a ab abc abcd', "'~abcd':*"],
  ['a ab "ab"', "'~ab'"],
  ['猫咖啡', "'~猫咖' & '~咖啡':*"],
])('of the query %s the longest terms are ranked, of which none finds what another one does', (text, expected) => {
  expect(toRankedTsquery(parseQuery(text))).toBe(expected);
});

test.each([
  ['the beginning of a word', 'say hello', 'hel', ['hel']],
  ['every place, ascending', 'on and on', 'on', ['on', 'on']],
  ['a letter that became two, as a whole', 'die Straße', 'stras', ['Straß']],
  ['two letters that became one', 'die STRASSE', 'straß', ['STRASS']],
  ['a ligature', 'I ﬁnd it', 'f', ['ﬁ']],
  ['decomposed accents', 'un e\u0301te\u0301 chaud', 'été', ['e\u0301te\u0301']],
  ['decomposed Korean', '한국어'.normalize('NFD'), '한국어', ['한국어'.normalize('NFD')]],
  ['what follows surrogate pairs', '👩‍💻🎉 hi 𝒽i', 'hi', ['hi', '𝒽i']],
  ['an emoji with its skin tone', 'ok 👍🏽!', '👍', ['👍🏽']],
  ['runs of characters', '我喜欢猫咖啡', '猫咖啡', ['猫咖啡']],
  ['one character', '黑猫和猫', '猫', ['猫', '猫']],
  ['Arabic under vowel signs', 'قال مَرْحَبًا', 'مرحبا', ['مَرْحَبًا']],
  ['a phrase', 'new York, New York Times', '"york times"', ['York', 'Times']],
  ['nothing for what was left out', 'hello', 'world', []],
])('highlights %s', (_, text, query, expected) => {
  expect(highlight(text, parseQuery(query)).map(([from, to]) => text.slice(from, to))).toEqual(expected);
});

test('matches are marked in bounded work, however much a text and a query repeat themselves', () => {
  const marked = highlight('漢'.repeat(8000), parseQuery('漢'.repeat(200)));
  expect(marked).toHaveLength(1);
  expect(marked[0]?.[0]).toBe(0);
  expect(marked[0]?.[1]).toBeLessThan(2000);
});

test('others are served while many long messages are made findable', async () => {
  const roomId = randomUUID();
  const room = { room_id: roomId, parent_room_id: null, parent_n: null };
  const rows = Array.from({ length: 20 }, (_, i) => ({
    room_id: roomId,
    n: i + 1,
    sender_id: randomUUID(),
    kind: 'text',
    body: 'ﷺ'.repeat(8000),
    parts: null,
    created_at: 0,
    edited_at: null,
    deleted_at: null,
  })) as unknown as MessageRow[];
  let served = 0;
  let done = false;
  const serve = () => {
    served += 1;
    if (!done) setImmediate(serve);
  };
  setImmediate(serve);
  await entriesOf(rows, () => room);
  done = true;
  expect(served).toBeGreaterThanOrEqual(rows.length / 2);
});
