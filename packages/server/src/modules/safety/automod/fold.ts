/**
 * Texts as words are looked for in them, whatever they were written with: letters of other scripts that look like Latin
 * ones, digits and signs for letters, invisible characters, accents, dots and spaces between letters. Words of rules are
 * folded the same way, so that it does not matter that this spoils what is meant to be in another script.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * Words in lower case, with one space before, between and after them; of letters that follow each other one, and how often
 * it is repeated: `ass` is `as` with 1 and 2.
 */
export interface Line {
  kind: LineKind;
  letters: string;
  counts: readonly number[];
  /** How many of these were digits or signs at the beginning or end of a word, which may be meant without them; or empty. */
  loose: readonly number[];
  /** How many of those were `@` and `$`, which in a word stand for letters more than digits do; or empty. */
  coins: readonly number[];
}

/**
 * `words`: the text by its words. `glued`: of what has separators within (`sh.it`), everything between two spaces as one word.
 * `cut`: of what a space may have cut in two (`fu ck`), both parts as one word, and nothing else. `spelled`: what was spelled
 * out letter by letter (`f u c k`), where no beginning and end of a word can be told.
 */
export type LineKind = (typeof KINDS)[number];
const KINDS = ['words', 'glued', 'cut', 'spelled'] as const;

const FLAG_A = 0x1f1e6;
// Two beside each other are a flag.
const LONE_FLAG_LETTER = /(?<!\p{RI})\p{RI}(?!\p{RI})/gu;
const ASCII = /^[\0-\x7f]*$/;
// One character that Unicode writes out as up to eighteen letters. Nobody spells a word with them, and a text of them would
// become as much longer.
const WRITTEN_OUT = /[\u3300-\u3357\u33ae\u33af\ufdfa\ufdfb]/g;
// Marks above, below and around letters (also of Hebrew and Arabic), and what is not seen at all.
const UNSEEN =
  /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u115f\u1160\u3164\uffa0\p{VS}\p{Cf}]|[\u1ab0-\u1aff]|[\u1dc0-\u1dff]|[\u20d0-\u20f0]|[\ufe20-\ufe2f]/gu;
// Signs that stand for letters belong to words, as marks do that other scripts cannot do without.
const PIECES = /[\p{L}\p{M}\p{N}@$!|+]+/gu;
const SIGNS = /[@$!|+]+/;
const CONSONANT = '[b-df-hj-np-tw-z]';
// Signs and digits next to letters (also of what is drawn out), or alone as letters are that are spelled out; not those that
// end a sentence.
const STAND_FOR_LETTERS = new RegExp(
  String.raw`[@$!|+0-9][\p{L}@$]|\p{L}[!|+]*[@$+0-9]|(?<![\p{L}\p{N}])[@$!|0-9](?![\p{L}\p{N}])|${CONSONANT}v${CONSONANT}`,
  'u',
);
// he'll, don't, Ann's: each part is a word.
const CONTRACTION = new RegExp(
  `['’]s(?!\\p{L})|(?<=(?<!\\p{L})(?:i|you|he|she|it|we|they|who|that|there))['’](?:d|ll|m|re|ve)(?!\\p{L})|` +
    `(?<=(?<!\\p{L})(?:ai|are|ca|could|did|do|does|had|has|have|is|must|need|should|was|were|wo|would)n)['’]t(?!\\p{L})`,
  'u',
);
const APOSTROPHE = /\p{L}['’]\p{L}/u;
/** A star for a vowel. */
const STARRED = /^[^\p{L}\p{N}*]*(\p{L}+)\*(\p{L}+)[^\p{L}\p{N}*]*$/u;
// Where a label leads, of which nobody sees anything.
const TARGET = /\]\([^()]*\)/g;
const TARGET_WITHIN = /\]\(/;
const VOWELLESS = /^(?=.*[a-z])[b-df-hj-np-tv-xz$]{2,}[0-9]{0,3}$/;
// Where it cannot be spoken otherwise: cvt.
const V_FOR_U = new RegExp(`(?<=${CONSONANT})v(?=${CONSONANT})`, 'g');
// A$5 is money.
const PRICE = /^[a-z]\$[0-9]+$/;
const LETTER_OR_COIN = /[\p{L}@$]/u;
const COIN = /[@$]/;
const NUMBER = /\p{N}/u;
const SIGN_OR_NUMBER = /[\p{N}@$!|+]/u;
const LETTERS: Readonly<Record<string, string>> = {
  '@': 'a',
  $: 's',
  '+': 't',
  '0': 'o',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '9': 'g',
};

/** How `1`, `!` and `|` are read; null: signs and digits are what they are. */
type One = 'i' | 'l' | null;

/** The text in every way in which it may be meant. Costs time in proportion to its length. */
export function fold(text: string): Line[] {
  // By what is read, of which different writings may be read alike.
  const found = new Map(KINDS.map((kind) => [kind, new Map<string, string>()]));
  for (const letters of lowered(text)) {
    for (const one of STAND_FOR_LETTERS.test(letters) ? ([null, 'i', 'l'] as const) : [null]) {
      const written = lines(letters, one);
      for (const kind of KINDS)
        if (written[kind] !== '') found.get(kind)?.set(meant(written[kind], one), written[kind]);
    }
  }
  return [...found].flatMap(([kind, texts]) => [...texts].map(([letters, written]) => lineOf(kind, letters, written)));
}

/** @param written the same words as they were written, letter by letter */
function lineOf(kind: LineKind, text: string, written: string): Line {
  let letters = '';
  const counts: number[] = [];
  const loose: number[] = [];
  const coins: number[] = [];
  const edges = SIGN_OR_NUMBER.test(written) ? edgesOf(written) : null;
  for (let i = 0; i < text.length; i += 1) {
    const letter = text[i] ?? '';
    if (i === 0 || letter !== text[i - 1]) {
      letters += letter;
      counts.push(0);
      if (edges !== null) {
        loose.push(0);
        coins.push(0);
      }
    }
    const at = counts.length - 1;
    counts[at] = (counts[at] ?? 0) + 1;
    if (edges?.[i] === 1) {
      loose[at] = (loose[at] ?? 0) + 1;
      if (COIN.test(written[i] ?? '')) coins[at] = (coins[at] ?? 0) + 1;
    }
  }
  return { kind, letters, counts, loose, coins };
}

/** 1 for each sign and digit at the beginning or end of a word, 0 for the rest. A number is a word of its own. */
function edgesOf(written: string): Uint8Array {
  const edges = new Uint8Array(written.length);
  for (let begin = 0; begin < written.length;) {
    const space = written.indexOf(' ', begin);
    const end = space < 0 ? written.length : space;
    let [from, to] = [begin, end];
    while (from < to && isLoose(written, from)) from += 1;
    while (to > from && isLoose(written, to - 1)) to -= 1;
    // Of what has no letter, coins are what is left: @$$1.
    if (from === to) {
      [from, to] = [begin, end];
      while (from < to && !COIN.test(written[from] ?? '')) from += 1;
      while (to > from && !COIN.test(written[to - 1] ?? '')) to -= 1;
    }
    if (from < to) edges.fill(1, begin, from).fill(1, to, end);
    begin = end + 1;
  }
  return edges;
}

function isLoose(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 128) return (code >= 48 && code <= 57) || '@$!|+'.includes(text[at] ?? '');
  return NUMBER.test(text[at] ?? '');
}

/** The text in the writing of floods: case, width, accents and what is not seen make no difference. */
export function sameText(text: string): string {
  return visible(text).toLowerCase().replace(/\s+/g, ' ').trim();
}

/** At most four times as long as it was. */
function visible(text: string): string {
  if (ASCII.test(text)) return text;
  const unflagged = text.replace(LONE_FLAG_LETTER, (letter) =>
    String.fromCharCode((letter.codePointAt(0) ?? 0) - FLAG_A + 97),
  );
  return unflagged.replace(WRITTEN_OUT, '').normalize('NFKD').replace(UNSEEN, '').normalize('NFC');
}

// A capital may look like another letter than its small one does (Η): both are tried.
function lowered(text: string): Set<string> {
  if (ASCII.test(text)) return new Set([text.toLowerCase()]);
  const seen = visible(text);
  return new Set([latin(seen.toLowerCase()), latin(seen)].map((letters) => letters.toLowerCase()));
}

function lines(text: string, one: One): Record<LineKind, string> {
  let [words, glued, cut, spelled, letters] = [' ', '', '', '', ''];
  let count = 0;
  const endSpelled = () => {
    if (count >= 3) spelled += ` ${letters} \n`;
    letters = '';
    count = 0;
  };
  let before = '';
  for (const chunk of text.split(/\s+/)) {
    const pieces = (chunk.match(PIECES) ?? []).flatMap((piece) => read(piece, one));
    const [first] = pieces;
    if (pieces.length === 1 && first !== undefined) {
      if (isCut(before, first) && chunk.startsWith(first)) cut += ` ${before}${first} \n`;
      before = chunk.endsWith(first) ? first : '';
    } else before = '';
    for (const piece of pieces) {
      words += `${piece} `;
      if (isOneLetter(piece)) {
        letters += piece;
        count += 1;
      } else endSpelled();
    }
    for (const joined of pieces.length > 1 ? chunk.split(CONTRACTION) : []) {
      const parts = (joined.replace(TARGET, '').match(PIECES) ?? []).flatMap((piece) => read(piece, one));
      if (parts.length < 2 && !TARGET_WITHIN.test(joined)) continue;
      // What another apostrophe joins may be one word, and part of none: s'excuser.
      if (APOSTROPHE.test(joined)) cut += ` ${parts.join('')} \n`;
      else glued += ` ${parts.join('')} \n`;
    }
    const [, begins = '', ends = ''] = STARRED.exec(chunk) ?? [];
    if (begins.length + ends.length >= 3) for (const vowel of 'aeiou') cut += ` ${begins}${vowel}${ends} \n`;
  }
  endSpelled();
  return { words, glued, cut, spelled };
}

/**
 * Whether two words may be one that a space was put into: one of them cannot be spoken (`fu ck`, `sh it`). Of others (`pen is`,
 * `an us`) each is as likely meant for itself, and so are single letters (`5 cu m`).
 */
function isCut(before: string, after: string): boolean {
  return before.length >= 2 && after.length >= 2 && (VOWELLESS.test(before) || VOWELLESS.test(after));
}

function read(piece: string, one: One): string[] {
  // What ends a sentence ends a word.
  const words = one === null ? piece.split(SIGNS) : [piece.replace(/(?:^[!|+@]+|[!|@]{1,8})$/, '')];
  return words.filter((word) => word !== '');
}

/** Words by the letters that they may be meant to be, one for each that is written. Numbers stay numbers. */
function meant(words: string, one: One): string {
  if (one === null) return words;
  const read = (word: string) => {
    if (!LETTER_OR_COIN.test(word) || PRICE.test(word)) return word;
    return word
      .replace(/[1!|]/g, one)
      .replace(/[0-9@$+]/g, (sign) => LETTERS[sign] ?? sign)
      .replace(V_FOR_U, 'u');
  };
  return words.replace(/[^ ]+/g, read);
}

function isOneLetter(piece: string): boolean {
  return piece.length === 1 || (piece.length === 2 && (piece.codePointAt(0) ?? 0) > 0xffff);
}

// Latin with its extensions, Greek, Cyrillic, Armenian, Cherokee, Canadian syllables, letters in circles and squares.
const LOOK_LIKE_LATIN: readonly (readonly [number, number])[] = [
  [0xa2, 0x58f],
  [0x13a0, 0x13ff],
  [0x1400, 0x167f],
  [0x1d00, 0x1fff],
  [0x2c60, 0x2cff],
  [0xa640, 0xa7ff],
  [0xab30, 0xabbf],
  [0x1f130, 0x1f189],
];
/** Made for the first text that is not ASCII. */
let known: ReadonlyMap<string, string> | undefined;

function lookalikes(): Map<string, string> {
  const found = new Map<string, string>([
    ...Array.from('Ιι', (iota) => [iota, 'i'] as const),
    ...Array.from('ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ', (small, i) => [small, 'abcdefghijklmnoprstuvwyz'[i] ?? small] as const),
    ['μ', 'u'],
    ['ʼ', "'"],
    ['ß', 'ss'],
    ['æ', 'ae'],
    ['Æ', 'ae'],
    ['œ', 'oe'],
    ['Œ', 'oe'],
  ]);
  const { resolveConfusablesTransformer } = require('obscenity') as typeof import('obscenity');
  const { transform } = resolveConfusablesTransformer();
  for (const [from, to] of LOOK_LIKE_LATIN) {
    for (let code = from; code <= to; code += 1) {
      const [char, like] = [String.fromCodePoint(code), String.fromCodePoint(transform(code) ?? code)];
      if (/^[a-z]$/i.test(like) && !found.has(char)) found.set(char, like);
    }
  }
  return found;
}

function latin(text: string): string {
  known ??= lookalikes();
  let letters = '';
  for (const char of text) letters += known.get(char) ?? char;
  return letters;
}
