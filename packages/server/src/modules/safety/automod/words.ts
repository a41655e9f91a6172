/** Finding words of lists in folded texts. */
import { fold, type Folded, type Line } from './fold.ts';

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

/** What is written without spaces between words: there a word is looked for anywhere. */
const UNSPACED =
  /^[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}\p{M}\p{N}ー\s]+$/u;
const VOWELS = new Set('aeiou');
/** Letters of a word that counts where it is spelled out: fewer happen by chance. */
const SPELLED = 3;

export class WordSet {
  readonly #root: Node = { next: new Map(), ends: [] };
  /** Words without any letter, such as emoji. */
  readonly #signs: string[] = [];
  #anywhere = false;

  /** @param words `*` at the beginning or end of one stands for any letters */
  constructor(words: Iterable<string>) {
    for (const word of words) this.#add(word);
  }

  /**
   * Whether the text has one of the words that is no part of one in `spare`. Takes time in proportion to the length of the
   * text, times that of the longest word.
   */
  matches(text: string, folded: Folded, spare: readonly WordSet[]): boolean {
    return (
      this.#signs.some((sign) => text.includes(sign)) ||
      folded.words.some((line) => this.#matchesLine(line, false, spare)) ||
      folded.glued.some((line) => this.#matchesLine(line, false, spare)) ||
      folded.spelled.some((line) => this.#matchesLine(line, true, spare))
    );
  }

  #matchesLine(line: Line, spelled: boolean, spare: readonly WordSet[]): boolean {
    const hits = this.#hits(line, spelled);
    if (hits.length === 0) return false;
    const spared = spare.flatMap((set) => set.#hits(line, false)).toSorted((a, b) => a.from - b.from);
    // Both are in the order of where they begin.
    let next = 0;
    let until = 0;
    return hits.some(({ from, to }) => {
      for (let found = spared[next]; found !== undefined && found.from <= from; found = spared[next]) {
        until = Math.max(until, found.to);
        next += 1;
      }
      return until < to;
    });
  }

  #add(word: string): void {
    const bare = word.replace(/^\*+/, '').replace(/\*+$/, '').trim();
    if (bare === '') return;
    const { words } = fold(bare);
    const unspaced = UNSPACED.test(bare);
    const openLeft = unspaced || word.startsWith('*');
    const openRight = unspaced || word.endsWith('*');
    let lettered = false;
    for (const line of words) {
      const letters = line.letters.slice(1, -1);
      if (letters === '') continue;
      lettered = true;
      this.#nodeOf(letters).ends.push({ counts: line.counts.slice(1, -1), openLeft, openRight });
    }
    if (!lettered) this.#signs.push(bare);
    else this.#anywhere ||= openLeft;
  }

  #nodeOf(letters: string): Node {
    let node = this.#root;
    for (let i = 0; i < letters.length; i += 1) {
      const unit = letters.charCodeAt(i);
      const next = node.next.get(unit) ?? { next: new Map(), ends: [] };
      node.next.set(unit, next);
      node = next;
    }
    return node;
  }

  #hits(line: Line, spelled: boolean): Hit[] {
    const { letters } = line;
    const hits: Hit[] = [];
    const anywhere = spelled || this.#anywhere;
    for (let from = 1; from < letters.length; from += 1) {
      const begins = letters[from - 1] === ' ';
      if (!begins && !anywhere) continue;
      let node = this.#root.next.get(letters.charCodeAt(from));
      for (let to = from + 1; node !== undefined; to += 1) {
        const ends = letters[to] === ' ';
        for (const entry of node.ends) {
          const placed = spelled ? to - from >= SPELLED : (begins || entry.openLeft) && (ends || entry.openRight);
          if (placed && isSpelledLike(entry, line, from)) hits.push({ from, to });
        }
        node = node.next.get(letters.charCodeAt(to));
      }
    }
    return hits;
  }
}

// Drawn out (fuuuck) it is the same word; written with two consonants instead of one it is another: penne.
function isSpelledLike(
  { counts: wanted, openLeft, openRight }: Entry,
  { letters, counts }: Line,
  from: number,
): boolean {
  return wanted.every((count, i) => {
    const there = counts[from + i] ?? 0;
    // Where a longer word goes on, it may do so with the same letter.
    const goesOn = (i === 0 && openLeft) || (i === wanted.length - 1 && openRight);
    return there === count || (there > count && (there >= 3 || goesOn || VOWELS.has(letters[from + i] ?? '')));
  });
}
