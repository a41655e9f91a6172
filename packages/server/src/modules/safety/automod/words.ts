/** Finding words of lists in folded texts. */
import { fold, type Line } from './fold.ts';

interface Entry {
  counts: readonly number[];
  /** Whether a longer word may begin, or end, with it. */
  openLeft: boolean;
  openRight: boolean;
}
/** By UTF-16 code unit. */
interface Node {
  next: Map<number, Node>;
  ends: Entry[];
}
interface Hit {
  from: number;
  to: number;
}

/** How many more comparisons there may be. */
interface Steps {
  left: number;
}

/** What a set has of a text. */
interface Found {
  /** Of each line the longest word from each place on, in their order. */
  lines: readonly (readonly Hit[])[];
  /** Whether there is something that no other word can spare. */
  certain: boolean;
}

/** A text in which several sets are looked for, each once. */
export class SearchedText {
  readonly #text: string;
  readonly #steps: Steps;
  readonly #folded: readonly Line[];
  readonly #found = new Map<WordSet, Found>();

  constructor(text: string) {
    this.#text = text;
    this.#steps = { left: STEPS * text.length + STEPS_AT_LEAST };
    this.#folded = fold(text);
  }

  /** Whether it has one of the words that is no part of one in `spare`. */
  has(words: WordSet, spare: readonly WordSet[]): boolean {
    const { lines, certain } = this.#find(words, true);
    return certain || lines.some((hits, i) => hits.length > 0 && !this.#areSpared(hits, i, spare));
  }

  #find(words: WordSet, spelled: boolean): Found {
    const found = this.#found.get(words) ?? words.find(this.#text, this.#folded, { spelled, steps: this.#steps });
    this.#found.set(words, found);
    return found;
  }

  #areSpared(hits: readonly Hit[], at: number, spare: readonly WordSet[]): boolean {
    const line = this.#folded[at];
    const spared = spare
      .flatMap((set) => this.#find(set, false).lines[at] ?? [])
      .filter(({ from }) => line !== undefined && !isRead(line, from))
      .toSorted((a, b) => a.from - b.from);
    // Both are in the order of where they begin.
    let next = 0;
    let until = 0;
    return hits.every(({ from, to }) => {
      for (let found = spared[next]; found !== undefined && found.from <= from; found = spared[next]) {
        until = Math.max(until, found.to);
        next += 1;
      }
      return to <= until;
    });
  }
}

/** What is written without spaces between words: there a word is looked for anywhere. */
const UNSPACED =
  /^(?=.*\p{L})[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}\p{M}\p{N}ー\s]+$/u;
const VOWELS = new Set('aeiou');
/** Letters of a word that counts where it is spelled out: fewer happen by chance. */
const SPELLED = 3;
/** Letters, but for digits and most signs, of a word that counts between signs and digits: 4455a55 is a number. */
const LETTERS_BETWEEN = 2;
/**
 * Comparisons for each letter of a text at most, for all sets together: words and texts that are made for it could take any
 * number. A set that people write needs two or three.
 */
const STEPS = 300;
const STEPS_AT_LEAST = 20_000;

export class WordSet {
  readonly #root: Node = { next: new Map(), ends: [] };
  /** Words without any letter, such as emoji. */
  readonly #signs: Node = { next: new Map(), ends: [] };
  #anywhere = false;

  /** @param words `*` at the beginning or end of one stands for any letters */
  constructor(words: Iterable<string> = []) {
    for (const word of words) this.add(word);
  }

  /**
   * Takes time in proportion to the length of the text and to the steps, whatever the words: once there are none left,
   * everything counts as found.
   * @param spelled whether words count wherever they are in what was spelled out
   */
  find(text: string, folded: readonly Line[], { spelled, steps }: { spelled: boolean; steps: Steps }): Found {
    const where = {
      words: 'as written',
      glued: 'as written',
      cut: 'whole',
      spelled: spelled ? 'anywhere' : 'as written',
    } as const;
    const lines = folded.map((line) => this.#hits(line, where[line.kind], steps));
    return { lines, certain: this.#hasSign(text, steps) || steps.left < 0 };
  }

  /** Answers how many letters it remembers of the word: those of every way in which it may be meant. */
  add(word: string): number {
    const bare = word.replace(/^\*+/, '').replace(/\*+$/, '').trim();
    if (bare === '') return 0;
    const unspaced = UNSPACED.test(bare);
    const openLeft = unspaced || word.startsWith('*');
    const openRight = unspaced || word.endsWith('*');
    let lettered = false;
    const lines = meanings(bare);
    for (const line of lines) {
      const letters = line.letters.slice(1, -1);
      if (letters === '') continue;
      lettered = true;
      nodeOf(this.#root, letters).ends.push({ counts: line.counts.slice(1, -1), openLeft, openRight });
    }
    if (!lettered) nodeOf(this.#signs, bare).ends.push({ counts: [], openLeft: true, openRight: true });
    else this.#anywhere ||= openLeft;
    return lettersIn(lines);
  }

  #hasSign(text: string, steps: Steps): boolean {
    if (this.#signs.next.size === 0) return false;
    for (let from = 0; steps.left >= 0 && from < text.length; from += 1) {
      let node = this.#signs.next.get(text.charCodeAt(from));
      for (let to = from + 1; node !== undefined; to += 1) {
        if (node.ends.length > 0) return true;
        steps.left -= 1;
        node = node.next.get(text.charCodeAt(to));
      }
    }
    return false;
  }

  /** @param where whether words count where they say so, as wholes alone (also those that may be a part), or anywhere */
  #hits(line: Line, where: 'as written' | 'whole' | 'anywhere', steps: Steps): Hit[] {
    const { letters } = line;
    const hits: Hit[] = [];
    const spelled = where === 'anywhere';
    const isWhole = where === 'whole';
    const anywhere = spelled || (!isWhole && this.#anywhere);
    for (let from = 1; steps.left >= 0 && from < letters.length; from += 1) {
      const begins = edge(line, from - 1);
      if (begins === 'none' && !anywhere) continue;
      let longest = 0;
      let node = this.#root.next.get(letters.charCodeAt(from));
      for (let to = from + 1; node !== undefined; to += 1) {
        steps.left -= 1;
        const ends = node.ends.length === 0 ? 'none' : edge(line, to);
        for (const entry of node.ends) {
          const [openLeft, openRight] = isWhole ? [false, false] : [entry.openLeft, entry.openRight];
          const placed = spelled
            ? to - from >= SPELLED
            : (openLeft || begins !== 'none') && (openRight || ends !== 'none');
          if (!placed) continue;
          if ((steps.left -= to - from) < 0) break;
          const between = !spelled && ((begins === 'loose' && !openLeft) || (ends === 'loose' && !openRight));
          const meant = { counts: entry.counts, openLeft, openRight };
          if (isSpelledLike(meant, line, from, between)) longest = to;
        }
        node = node.next.get(letters.charCodeAt(to));
      }
      if (longest > 0) hits.push({ from, to: longest });
    }
    return hits;
  }
}

/** How many letters a set would remember of a word, or some more. */
export function lettersOf(word: string): number {
  return MEANT_ONE_WAY.test(word) ? word.length : lettersIn(meanings(word));
}
const MEANT_ONE_WAY = /^[a-uw-z ]*$/i;

function lettersIn(lines: readonly Line[]): number {
  return lines.reduce((sum, { counts }) => sum + counts.length, 0);
}

function meanings(word: string): Line[] {
  return fold(word).filter(({ kind }) => kind === 'words');
}

function nodeOf(root: Node, text: string): Node {
  let node = root;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    const next = node.next.get(unit) ?? { next: new Map(), ends: [] };
    node.next.set(unit, next);
    node = next;
  }
  return node;
}

/** Whether a word may begin or end beside this place: a space, or digits and signs at the edge of a longer one. */
function edge({ letters, counts, loose }: Line, at: number): 'space' | 'loose' | 'none' {
  if (letters[at] === ' ') return 'space';
  return counts[at] === (loose[at] ?? 0) ? 'loose' : 'none';
}

/** Whether this letter was read from digits or signs before a word: that makes nothing harmless (1ass is no lass). */
function isRead(line: Line, at: number): boolean {
  return edge(line, at) === 'loose' && /[a-z]/.test(line.letters[at] ?? '');
}

/** @param between whether the word is meant without signs and digits beside it */
function isSpelledLike({ counts: wanted, openLeft, openRight }: Entry, line: Line, from: number, between: boolean) {
  const { letters, counts, loose } = line;
  const last = wanted.length - 1;
  let without = between;
  const isLike = wanted.every((count, i) => {
    const there = counts[from + i] ?? 0;
    if (there === count) return true;
    // Drawn out (fuuuck) it is the same word; written with two consonants instead of one it is another: penne. Where a
    // longer word goes on, it may do so with the same letter.
    const goesOn = (i === 0 && openLeft) || (i === last && openRight);
    if (there > count && (there >= 3 || goesOn || VOWELS.has(letters[from + i] ?? ''))) return true;
    // Some of the first or last letter were signs or digits.
    if ((i > 0 && i < last) || there < count || there - (loose[from + i] ?? 0) > count) return false;
    without = true;
    return true;
  });
  return isLike && (!without || lettersAmong(line, from, wanted.length) >= LETTERS_BETWEEN);
}

/** How many letters were written as letters here, or as coins, counted up to `LETTERS_BETWEEN`. */
function lettersAmong({ counts, loose, coins }: Line, from: number, places: number): number {
  let letters = 0;
  for (let i = from; i < from + places && letters < LETTERS_BETWEEN; i += 1) {
    letters += (counts[i] ?? 0) - (loose[i] ?? 0) + (coins[i] ?? 0);
  }
  return letters;
}
