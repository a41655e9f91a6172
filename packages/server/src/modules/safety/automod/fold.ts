/**
 * Texts as words are looked for in them, whatever they were written with: letters of other scripts that look like Latin
 * ones, digits and signs for letters, invisible characters, accents, dots and spaces between letters. Words of rules are
 * folded the same way, so that it does not matter that this spoils what is meant to be in another script.
 */
import { resolveConfusablesTransformer } from 'obscenity';

/**
 * Words in lower case, with one space before, between and after them; of letters that follow each other one, and how often
 * it is repeated: `ass` is `as` with 1 and 2.
 */
export interface Line {
  letters: string;
  counts: readonly number[];
}

export interface Folded {
  /** The text by its words, in every way in which it may be meant. */
  words: readonly Line[];
  /** Of what has separators within (`sh.it`): everything between two spaces as one word. */
  glued: readonly Line[];
  /** What was spelled out letter by letter (`f u c k`), where no beginning and end of a word can be told. */
  spelled: readonly Line[];
}

const ASCII = /^[\0-\x7f]*$/;
// Marks above and below letters (also of Hebrew and Arabic), and what is not seen at all.
const UNSEEN = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u115f\u1160\u3164\uffa0\p{VS}\p{Cf}]/gu;
// Signs that stand for letters belong to words, as marks do that other scripts cannot do without.
const PIECES = /[\p{L}\p{M}\p{N}@$!|+]+/gu;
const SIGNS = /[@$!|+]+/;
// Signs and digits next to letters, or alone as letters are that are spelled out; not those that end a sentence.
const STAND_FOR_LETTERS = /[@$!|+0-9][\p{L}@$]|\p{L}[@$0-9]|(?<![\p{L}\p{N}])[@$!|0-9](?![\p{L}\p{N}])/u;
const LETTER_OR_COIN = /[\p{L}@$]/u;
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

/** Costs time in proportion to the length of the text. */
export function fold(text: string): Folded {
  const words = new Set<string>();
  const glued = new Set<string>();
  const spelled = new Set<string>();
  for (const letters of lowered(text)) {
    for (const one of STAND_FOR_LETTERS.test(letters) ? ([null, 'i', 'l'] as const) : [null]) {
      const read = lines(letters, one);
      words.add(read.words);
      if (read.glued !== '') glued.add(read.glued);
      if (read.spelled !== '') spelled.add(read.spelled);
    }
  }
  return { words: [...words].map(lineOf), glued: [...glued].map(lineOf), spelled: [...spelled].map(lineOf) };
}

function lineOf(text: string): Line {
  let letters = '';
  const counts: number[] = [];
  for (let i = 0; i < text.length; i += 1) {
    const letter = text[i] ?? '';
    if (i > 0 && letter === text[i - 1]) {
      counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1;
    } else {
      letters += letter;
      counts.push(1);
    }
  }
  return { letters, counts };
}

/** The text in the writing of floods: case, width, accents and what is not seen make no difference. */
export function sameText(text: string): string {
  return visible(text).toLowerCase().replace(/\s+/g, ' ').trim();
}

function visible(text: string): string {
  return ASCII.test(text) ? text : text.normalize('NFKD').replace(UNSEEN, '').normalize('NFC');
}

// A capital may look like another letter than its small one does (Η): both are tried.
function lowered(text: string): Set<string> {
  if (ASCII.test(text)) return new Set([text.toLowerCase()]);
  const seen = visible(text);
  return new Set([latin(seen.toLowerCase()), latin(seen)].map((letters) => letters.toLowerCase()));
}

function lines(text: string, one: One): { words: string; glued: string; spelled: string } {
  let [words, glued, spelled, letters] = [' ', '', '', ''];
  let count = 0;
  const endSpelled = () => {
    if (count >= 3) spelled += ` ${one === null ? letters : unleeted(letters, one)} \n`;
    letters = '';
    count = 0;
  };
  for (const chunk of text.split(/\s+/)) {
    const pieces = (chunk.match(PIECES) ?? []).flatMap((piece) => read(piece, one));
    for (const piece of pieces) {
      words += `${piece} `;
      if (isOneLetter(piece)) {
        letters += piece;
        count += 1;
      } else endSpelled();
    }
    // What an apostrophe joins are words of their own: he'll.
    if (pieces.length > 1 && !/['’]/.test(chunk)) glued += ` ${pieces.join('')} \n`;
  }
  endSpelled();
  return { words, glued, spelled };
}

function read(piece: string, one: One): string[] {
  const words = one === null ? piece.split(SIGNS) : [unleeted(piece, one)];
  return words.filter((word) => word !== '');
}

// Numbers stay numbers, and what ends a sentence ends a word.
function unleeted(piece: string, one: 'i' | 'l'): string {
  const word = piece.replace(/[!|+@]{1,8}$/, '');
  if (!LETTER_OR_COIN.test(word)) return word;
  let letters = '';
  for (const char of word) letters += '1!|'.includes(char) ? one : (LETTERS[char] ?? char);
  return letters;
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
const LOOKALIKES: ReadonlyMap<string, string> = lookalikes();

function lookalikes(): Map<string, string> {
  const found = new Map<string, string>([
    ...Array.from('Ιι', (iota) => [iota, 'i'] as const),
    ...Array.from('ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ', (small, i) => [small, 'abcdefghijklmnoprstuvwyz'[i] ?? small] as const),
    ['ß', 'ss'],
    ['æ', 'ae'],
    ['Æ', 'ae'],
    ['œ', 'oe'],
    ['Œ', 'oe'],
  ]);
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
  let letters = '';
  for (const char of text) letters += LOOKALIKES.get(char) ?? char;
  return letters;
}
