import type { AutomodTrigger } from '@confab/protocol';
import { describe, expect, test } from 'vitest';
import { WORD_LISTS } from './index.ts';
import { readyTrigger, Subject } from './triggers.ts';

const SENDER = { id: '018f0000-0000-7000-8000-000000000001', username: 'ann', name: 'Ann', role: 'user' } as const;

function words({ lists = ['en'], words = [], spare = [] }: Partial<Extract<AutomodTrigger, { type: 'words' }>> = {}) {
  const ready = readyTrigger('', { type: 'words', lists, words, spare });
  const message = { roomId: 'room', kind: 'public', sender: SENDER, joinedAt: 0, mentions: 0, now: 0 } as const;
  return (body: string) =>
    'matches' in ready && ready.matches(new Subject({ ...message, body }), { hasLinked: () => false });
}

describe('a word of a list is found', () => {
  const isFound = words();

  test.each([
    ['as it is written', 'well fuck that'],
    ['at the end of a sentence', 'what the fuck?!'],
    ['in quotes', 'he said "shit".'],
    ['in capitals', 'FUCK'],
    ['with digits for letters', 'sh1t'],
    ['with signs for letters', '$h!t'],
    ['with only one letter of it left', 'a$$'],
    ['with a sign that begins a mention', '@ss'],
    ['with accents', 'fùçk'],
    ['with marks of their own', 'fu\u0301ck'],
    ['in full width', 'ｆｕｃｋ'],
    ['in letters of mathematics', '𝓯𝓾𝓬𝓴'],
    ['in circles', 'ⓕⓤⓒⓚ'],
    ['in small capitals', 'ꜰᴜᴄᴋ'],
    ['with a Cyrillic letter', 'fuсk'],
    ['with Cyrillic letters', 'ѕһіт'],
    ['with a Greek capital', 'SHΙT'],
    ['with a Greek letter', 'ϝuck'],
    ['with a zero-width space', 'fu\u200bck'],
    ['with a soft hyphen', 'fu\u00adck'],
    ['with a zero-width joiner', 'f\u200duck'],
    ['drawn out', 'fuuuuuck'],
    ['with a vowel twice', 'fuuck'],
    ['drawn out at its end', 'shitttt'],
    ['with dots', 'f.u.c.k'],
    ['with dots and a space', 'f.u.c k'],
    ['with hyphens', 'f-u-c-k'],
    ['with underscores', 'f_u_c_k'],
    ['with spaces', 'f u c k'],
    ['spelled out among others', 'i f u c k u'],
    ['spelled out with a digit', 's h 1 t'],
    ['with one dot', 'sh.it'],
    ['with emoji between its letters', 'f🙂u🙂c🙂k'],
    ['with several of these', 'F\u200b.Ü.ℂ.к'],
    ['beside another word', 'fuck-you'],
    ['in a phrase', 'ball gag'],
    ['that is an emoji', 'to you 🖕'],
  ])('%s', (_, text) => {
    expect(isFound(text)).toBe(true);
  });
});

describe('harmless words are spared', () => {
  test.each([
    'Scunthorpe',
    'assassin',
    'class',
    'cockpit',
    'Essex',
    'analysis',
    'Dickens',
    'assess the title of this document',
    'push it',
    'pass it on',
    'as so often',
    'he’ll be back',
    'penne all’arrabbiata',
    'grade a 5 5',
    '455 of 80085 people',
    'count: a b c d e f g',
    'c l a s s',
    'class-room',
  ])('%s', (text) => {
    expect(words()(text)).toBe(false);
    const within = ['ass', 'cunt', 'cock', 'anal', 'dick', 'sex', 'tit', 'cum', 'shit'].map((word) => `*${word}*`);
    expect(words({ lists: [], words: within })(text)).toBe(false);
  });

  test('and so are those that a rule spares itself, of which only a part matched', () => {
    const isFound = words({ lists: [], words: ['*cat*'], spare: ['catalogue', 'concat*'] });
    expect(isFound('our catalogue of concatenations')).toBe(false);
    expect(isFound('cat')).toBe(true);
    expect(isFound('a catalogue of cats')).toBe(true);
    expect(isFound('a c.a.t')).toBe(true);
  });
});

describe('words of one’s own', () => {
  test('stand alone, or may be the beginning, the end or a part of another', () => {
    const matches = (word: string, texts: string[]) =>
      texts.filter((text) => words({ lists: [], words: [word] })(text));
    const texts = ['spam', 'spammer', 'antispam', 'antispammer'];
    expect(matches('spam', texts)).toEqual(['spam']);
    expect(matches('spam*', texts)).toEqual(['spam', 'spammer']);
    expect(matches('*spam', texts)).toEqual(['spam', 'antispam']);
    expect(matches('*spam*', texts)).toEqual(texts);
    expect(matches('**', texts)).toEqual([]);
  });

  test('are not put together of what an apostrophe joins', () => {
    const isFound = words({ lists: [], words: ['hell'] });
    expect(['he’ll be back', "he'll", 'HE’LL'].map(isFound)).toEqual([false, false, false]);
    expect(isFound("h'e'l'l")).toBe(true);
  });

  test('may be phrases, emoji, and drawn out', () => {
    const isFound = words({ lists: [], words: ['free money', '💩', 'boo'] });
    expect(['get FREE   m0ney now', 'free\nmoney', 'no 💩', 'booooo'].map(isFound)).toEqual([true, true, true, true]);
    expect(['free the money', 'freemoney', 'bo', '🙂'].map(isFound)).toEqual([false, false, false, false]);
  });
});

describe('the built-in lists', () => {
  test('are of many languages, with names and sizes', () => {
    expect(WORD_LISTS.length).toBeGreaterThanOrEqual(25);
    expect(WORD_LISTS).toContainEqual({ id: 'de', name: 'German', words: 66 });
    expect(WORD_LISTS.every(({ words }) => words > 10)).toBe(true);
  });

  test.each([
    ['ru', 'ну ты и хуй', 'слово, хлеб, рот и друг'],
    ['ru', 'xyй', 'новый дом'],
    ['de', 'Scheiße', 'schön hier'],
    ['de', 'SCHEISSE', 'ein Schein'],
    ['fr', 'quelle salope', 'sale eau'],
    ['es', '¡qué mierda!', 'miércoles'],
    ['tr', 'siktir', 'sıcak'],
    ['ar', 'كس', 'كستناء'],
    ['ja', 'これはセックスです', 'これはセットです'],
    ['zh', '我操你妈的', '早操很好'],
    ['zh', '操 你 妈', '你好'],
    ['ko', '이 씨발놈아', '안녕하세요'],
    ['th', 'ไอ้ควยนี่', 'สวัสดี'],
  ])('%s finds %s and leaves %s', (list, foul, fine) => {
    const isFound = words({ lists: [list] });
    expect(isFound(foul)).toBe(true);
    expect(isFound(fine)).toBe(false);
  });
});
