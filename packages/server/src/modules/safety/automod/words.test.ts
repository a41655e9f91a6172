import type { AutomodTrigger } from '@confab/protocol';
import { describe, expect, test } from 'vitest';
import { WORD_LISTS } from './index.ts';
import { atOnce } from './steps.ts';
import { Subject, triggerSteps } from './triggers.ts';

const SENDER = { id: '018f0000-0000-7000-8000-000000000001', username: 'ann', name: 'Ann', role: 'user' } as const;

function words({ lists = ['en'], words = [], spare = [] }: Partial<Extract<AutomodTrigger, { type: 'words' }>> = {}) {
  const ready = atOnce(triggerSteps('', { type: 'words', lists, words, spare }));
  const message = {
    id: 'one',
    roomId: 'room',
    kind: 'public',
    sender: SENDER,
    joinedAt: 0,
    mentions: 0,
    now: 0,
  } as const;
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
    ['with a phrase in one character between its letters', 'fu\ufdfack'],
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
    ['with a digit after it', 'fuck1'],
    ['with a digit before it', '1fuck'],
    ['between numbers', '69fuck123'],
    ['with an underscore', 'fuck_'],
    ['with underscores on both sides', '__fuck__'],
    ['with an underscore and a digit', 'fuck_1'],
    ['with spaces and a digit', 'f u c k 1'],
    ['with dots and a digit', 'f.u.c.k.1'],
    ['with a Cyrillic letter and a digit', 'fuсk1'],
    ['drawn out before a digit', 'fuuuck2'],
    ['in full width, with a digit', 'ｆｕｃｋ１'],
    ['with a digit in a circle', '①fuck'],
    ['with a small digit', 'fuck²'],
    ['with an Arabic digit', 'fuck١'],
    ['with a digit for a letter and one more', 'sh1t1'],
    ['with a digit before one for a letter', '1sh1t'],
    ['with digits that could be its first letter', '55h1t99'],
    ['with a digit that could be its last letter', 'sh1t7'],
    ['as a mention with a digit', '@ss1'],
    ['as a mention of a name with digits', '@sh1t'],
    ['with signs for most letters and a digit', 'a$$1'],
    ['with signs for all letters and a digit', '@$$1'],
    ['with signs and digits on both sides', '12a$$34'],
    ['drawn out with signs, and a digit', 'a$$$1'],
    ['with signs, a digit and the end of a sentence', 'A$$1!'],
    ['with digits that make another word with it', '1a$$'],
    ['with a plus at its end', 'sh!+'],
    ['with a plus and a digit', 'cun+1'],
    ['with a bar before digits', 'asshol|3 assho|368'],
    ['cut by a hyphen', 'fu-ck'],
    ['cut by a dot', 'fu.ck'],
    ['cut by an underscore', 'fu_ck'],
    ['cut by an apostrophe', "fu'ck"],
    ['cut by one that curls', 'fu’ck'],
    ['cut by one that is a letter', 'fuʼck'],
    ['cut before what could be a pronoun’s verb', 'cun’t'],
    ['cut after what could be an article', 's’hit'],
    ['cut by a hyphen, in quotes', "'fu-ck'"],
    ['cut by a dot, before a quote', "sh.it'"],
    ['cut beside a contraction', "fu-ck's"],
    ['cut by a link with a label', '[fu](https://a.example)ck'],
    ['with a star for its vowel', 'f*ck'],
    ['with a star for its vowel, in quotes and capitals', '"SH*T!"'],
    ['with a micro sign', 'fµck'],
    ['with strokes through its letters', 'ŧwøt twøŧ cøck'],
    ['cut by a hyphen, with a sign', '$h-it'],
    ['cut by a space', 'fu ck'],
    ['cut by a space, one part a word', 'oh sh it!'],
    ['cut by a space, with a digit for a letter', 'sh 1t'],
    ['cut by a space, with a sign for a letter', '$h it'],
    ['cut by a space, with a digit after it', 'fu ck1'],
    ['cut by a line', 'cu\nnt'],
    ['with v for u', 'fvck'],
    ['with v for u, in capitals and a sentence', 'FVCK!'],
    ['with v for u and more', 'a fvcking mess'],
    ['in boxes', 'f\u20e3u\u20e3c\u20e3k\u20e3'],
    ['in letters of flags', '🇫 🇺 🇨 🇰'],
    ['in letters of flags without spaces', '🇫\u200b🇺\u200b🇨\u200b🇰'],
    ['with marks for German', 'f\u1ab0u\u1dc4ck'],
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
    'il s’excuse, qu’on l’analyse',
    'we’ll see, I’d say they don’t; Ann’s and Tit’s',
    '[a label](https://a.example)',
    'c*m, 2*3*x, *bold*ly and f*x*ck',
    'grade a 5 5',
    '455 of 80085 people',
    'count: a b c d e f g',
    'c l a s s',
    'class-room',
    'Scunthorpe2 and 1Essex',
    'class1 of 1class',
    'shiitake',
    'Fukuoka',
    'Fukuoka_2024',
    'Penistone Road 5',
    'grape5',
    'therapist1',
    'assess_1',
    'cockpit7',
    'Dickens2',
    'passw0rd',
    'mp3 v2 h264 i7 p2p b2b r2d2 4k u2 c4 3d 1st 2nd 8th',
    'pa$$w0rd',
    'a$100',
    'A$5, C$5, A$50 or A$5.50',
    '$5 a5',
    'C++ and A+ at 18+',
    'the pen is mine',
    'an us citizen',
    'as set out',
    'those who re-read it',
    'a ra pe rsimmon',
    'use as s in it',
    '5 cu m of it',
    'it’s hit or miss',
    'a Model S hit 60',
    'run it with sh. It works',
    'fish hit the bottom',
    'an HTML document, via ssh it goes',
    'k8s i18n l10n b52 F16 RTX4090 20cm 18:30',
    'Nvidia, Volkswagen, DVDs and HVAC',
    'čtvrt',
    '🇺🇸🇩🇪 🇦🇸🇸🇬',
  ])('%s', (text) => {
    expect(words()(text)).toBe(false);
    const within = ['ass', 'cunt', 'cock', 'anal', 'dick', 'sex', 'tit', 'cum', 'shit'].map((word) => `*${word}*`);
    expect(words({ lists: [], words: within })(text)).toBe(false);
  });

  test.each(['8ass9guitar', 'ass9guitar', '4455a55', '0a55', 'a551', '45500x', 'x455', '5e5', '1a2b3c'])(
    '%s: what stands among digits is no word',
    (text) => expect(words()(text)).toBe(false),
  );

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

  test('may be or have numbers, which are no parts of other numbers', () => {
    const isFound = words({ lists: [], words: ['88', 'covid19', '4chan'] });
    expect(['88', 'no 88!', 'covid19', 'covid-19', '4chan'].map(isFound)).toEqual(Array(5).fill(true));
    expect(['1488', 'x88', 'covid', 'chan'].map(isFound)).toEqual(Array(4).fill(false));
  });

  test('are not put together of what an apostrophe joins', () => {
    const isFound = words({ lists: [], words: ['hell'] });
    expect(['he’ll be back', "he'll", 'HE’LL'].map(isFound)).toEqual([false, false, false]);
    expect(isFound("h'e'l'l")).toBe(true);
  });

  test('and texts that are made to take long are compared for so long only, and then count as found', () => {
    // All alike but for letters written twice, and the text is like all of them everywhere.
    const twice = (i: number) =>
      Array.from(i.toString(2).padStart(10, '0'), (bit, k) => 'bc'.charAt(k % 2).repeat(2 - Number(bit)));
    const alike = Array.from({ length: 1000 }, (_, i) => `*${'bc'.repeat(14)}${twice(i).join('')}bbb*`);
    const signs = Array.from({ length: 1000 }, (_, i) => `${'.'.repeat(i % 50)}-${'.'.repeat(i / 50)}`);
    const text = 'bc'.repeat(30_000);
    expect(words({ lists: [], words: alike })(text)).toBe(true);
    expect(words({ lists: [], words: signs })('.'.repeat(60_000))).toBe(false);
    // Whereas any number of usual words takes nothing near that.
    const usual = Array.from({ length: 1000 }, (_, i) => `*word${i}x*`);
    expect(words({ lists: WORD_LISTS.map(({ id }) => id), words: usual })('words w0rd5 word1 '.repeat(3000))).toBe(
      false,
    );
  });

  test('may be phrases, emoji, and drawn out', () => {
    const isFound = words({ lists: [], words: ['free money', '💩', 'boo'] });
    expect(['get FREE   m0ney now', 'free\nmoney', 'no 💩', 'booooo'].map(isFound)).toEqual([true, true, true, true]);
    expect(['free the money', 'freemoney', 'bo', '🙂'].map(isFound)).toEqual([false, false, false, false]);
    // So writings that are not found by themselves can be added.
    const inParts = words({ lists: [], words: ['bad ger', 'fıend'] });
    expect(['a bad ger!', 'BAD\nGER', 'fıend', 'badger', 'fiend'].map(inParts)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
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
    ['tr', 'siktir', 'sıcak, sık sık'],
    ['pl', 'cipa', 'Çıpa'],
    ['fil', 'kantot', 'elke regel kan tot 3 velden bevatten'],
    ['en', 'bareback', 'init --bare back in your directory'],
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
