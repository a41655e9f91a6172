/** Text as search sees it, the same for messages and for what people type: tokens of any script, with their places. */

/** Something to be found: part of a text, folded. */
export interface Token {
  /** At most 64 UTF-16 code units. Begins with no `=`, and holds no quote, backslash or `~`. */
  text: string;
  /** Tokens whose positions follow on each other stand beside each other. From 1. */
  position: number;
  /** Where it begins in the original, in UTF-16 code units. */
  from: number;
  /** Where each of its code units ends in the original, which may be longer or shorter than its folded form. */
  ends: readonly number[];
  /** `run`: a piece of text that is written without spaces; it overlaps the next token of its run. */
  kind: 'word' | 'run';
  /** The last token of a run is one character alone. */
  last: boolean;
}

/** What one perceived character, or part of one, became. */
interface Unit {
  text: string;
  kind: Token['kind'] | 'gap';
  from: number;
  to: number;
}

/** What one character becomes at most. What stands for more, as phrases in one character do (U+FDFA), stays as it is. */
const MAX_LETTERS = 6;
/** Enough to tell words apart; PostgreSQL takes 2 KB. */
const MAX_TOKEN = 64;

// A character with what is on it: marks, skin tones, the sound marks of half-width kana. Letters of Korean syllables that
// are written apart belong together.
const CLUSTER = /[\u1100-\u11ff]+|\P{M}[\p{M}\p{Emoji_Modifier}\uff9e\uff9f]*|\p{M}+/gu;
/** The one at `lastIndex`: every character begins one. */
const CLUSTER_AT = new RegExp(CLUSTER, 'uy');
const ASCII_END = 0x80;
const ASCII_WORD = /[A-Za-z0-9]/;
// Marks that people leave out. Those that spell (vowels of Indic and Thai, Japanese sound marks) stay.
const OPTIONAL_MARK =
  /[[\p{Mn}&&[\p{sc=Zinh}\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{sc=Arab}\p{sc=Hebr}\p{sc=Syrc}]]--[\u3099\u309a]]|[\u093c\u09bc\u0a3c\u0abc\u0b3c\u0cbc]|\p{Me}/gv;
// Joiners, soft hyphens, tatweel, and what only varies how an emoji looks.
const IGNORED = /[\p{Cf}\p{Emoji_Modifier}\u0640]/gu;
// A character is what it begins with; marks that stay on it do not change that.
const WORD = /^[\p{L}\p{N}\p{M}]/u;
const WITHOUT_SPACES =
  /^[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Bopo}\p{scx=Yiii}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]/u;
const PICTURE = /^[\p{Extended_Pictographic}\p{Regional_Indicator}]/u;
/** Letters that have no decomposition in Unicode, and are written the one way or the other. */
const SAME: Record<string, string> = {
  đ: 'd',
  ð: 'd',
  ø: 'o',
  ł: 'l',
  ħ: 'h',
  ŧ: 't',
  æ: 'ae',
  œ: 'oe',
  // Arabic: the forms of ya, kaf and ta marbuta that keyboards and languages differ in.
  ى: 'ي',
  ی: 'ي',
  ک: 'ك',
  ة: 'ه',
};

/**
 * The tokens of `text` in its order. Words of scripts with spaces are one token each. What is written without spaces
 * (Chinese, Japanese, Thai, also Korean compounds, and emoji) has a token for each character: it and the next one.
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let open: Unit[] = [];
  let position = 0;
  for (const unit of units(text)) {
    if (unit.kind !== open[0]?.kind) flush();
    if (unit.kind !== 'gap') open.push(unit);
  }
  flush();
  return tokens;

  function flush(): void {
    const [first] = open;
    if (first === undefined) return;
    if (first.kind === 'word') tokens.push(token(open, (position += 1), 'word', true));
    else {
      for (let i = 0; i < open.length; i += 1) {
        tokens.push(token(open.slice(i, i + 2), (position += 1), 'run', i === open.length - 1));
      }
      // What is not written side by side is not found as if it were.
      position += 1;
    }
    open = [];
  }
}

function* units(text: string): Generator<Unit> {
  for (let from = 0; from < text.length;) {
    const to = from + 1;
    // Most texts are mostly ASCII, which nothing joins but what is not: no pattern is needed to see that.
    if (text.charCodeAt(from) < ASCII_END && !(text.charCodeAt(to) >= ASCII_END)) {
      const char = text.charAt(from);
      yield { text: char.toLowerCase(), kind: ASCII_WORD.test(char) ? 'word' : 'gap', from, to };
      from = to;
      continue;
    }
    CLUSTER_AT.lastIndex = from;
    const [cluster = ''] = CLUSTER_AT.exec(text) ?? [];
    const end = from + cluster.length;
    // A ligature or ß becomes several characters; each of them stands for the whole.
    for (const { text: folded, kind } of piecesOf(cluster)) yield { text: folded, kind, from, to: end };
    from = end;
  }
}

type Piece = Pick<Unit, 'text' | 'kind'>;
/** What characters become: texts are made of few, and folding is dear. */
const known = new Map<string, readonly Piece[]>();
const MAX_KNOWN = 20_000;
/** Longer ones, with many marks, hardly come again. */
const MAX_KNOWN_LENGTH = 4;

function piecesOf(cluster: string): readonly Piece[] {
  const before = known.get(cluster);
  if (before !== undefined) return before;
  const pieces = [...fold(cluster).matchAll(CLUSTER)].map(([text]) => ({ text, kind: kindOf(text) }));
  if (cluster.length > MAX_KNOWN_LENGTH) return pieces;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(cluster, pieces);
  return pieces;
}

function kindOf(folded: string): Unit['kind'] {
  if (PICTURE.test(folded)) return 'run';
  if (!WORD.test(folded)) return 'gap';
  return WITHOUT_SPACES.test(folded) ? 'run' : 'word';
}

/**
 * Compatibility forms, case, optional marks and lookalikes taken away. By way of upper case, where ß, final sigma and
 * dotless i meet their plain forms.
 */
function fold(cluster: string): string {
  const form = cluster.normalize('NFKC').length > MAX_LETTERS * cluster.length ? 'NFD' : 'NFKD';
  return (
    cluster
      .normalize(form)
      .toLowerCase()
      .toUpperCase()
      .toLowerCase()
      .normalize(form)
      // й is a letter of its own, not an и with something on it.
      .replaceAll('и\u0306', 'й')
      .replaceAll(OPTIONAL_MARK, '')
      .replaceAll(IGNORED, '')
      .normalize('NFC')
      .replaceAll(/\p{L}/gu, (letter) => SAME[letter] ?? letter)
  );
}

function token(parts: readonly Unit[], position: number, kind: Token['kind'], last: boolean): Token {
  let text = '';
  const ends: number[] = [];
  for (const unit of parts) {
    text += unit.text;
    while (ends.length < text.length) ends.push(unit.to);
  }
  const cut = text.length > MAX_TOKEN ? text.slice(0, MAX_TOKEN).toWellFormed() : text;
  return { text: cut, position, from: parts[0]?.from ?? 0, ends, kind, last };
}
