/** What people type into the search box, and where it matches in a text. */
import { FILTER_TERMS, quote } from './search-index.ts';
import { type Token, tokenize } from './search-text.ts';

interface Term {
  text: string;
  /** Whether a token that only begins with it matches. */
  prefix: boolean;
  /** Position after that of the first term of the sequence. */
  offset: number;
}

/** Terms that stand in this order with nothing between: one for a word, several for a phrase or a run of characters. */
type Sequence = readonly Term[];

export interface SearchQuery {
  /** A message matches when it holds all of them. */
  sequences: readonly Sequence[];
}

export interface SearchFilter {
  from?: string | undefined;
  has?: 'file' | 'image' | 'link' | 'poll' | undefined;
  /** The id of whoever must be mentioned, by name or as everyone. */
  mentions?: string | undefined;
}

/**
 * All words must be there, each also as the beginning of a word; what is in double quotes must stand there exactly so.
 * Nothing else has a meaning: operators are text. Without words there are no sequences, and nothing is found.
 */
export function parseQuery(text: string): SearchQuery {
  const parts = text.split(/["“”„«»＂]/u);
  const sequences = parts.flatMap((part, i) => {
    // A quote that is not closed is none.
    const phrase = i % 2 === 1 && i < parts.length - 1;
    const tokens = tokenize(part);
    const used = tokens.filter((token, at) => !isRepeated(token, tokens[at - 1]));
    if (phrase) return used.length === 0 ? [] : [sequence(used, false)];
    return chains(used).map((chain) => sequence(chain, true));
  });
  return { sequences: [...new Map(sequences.map((terms) => [JSON.stringify(terms), terms])).values()] };
}

// The last character of a run is also part of the token before it.
function isRepeated(token: Token, before: Token | undefined): boolean {
  return token.kind === 'run' && token.last && before?.kind === 'run' && before.position === token.position - 1;
}

// Each word by itself; the tokens of a run together.
function chains(tokens: readonly Token[]): Token[][] {
  const result: Token[][] = [];
  for (const token of tokens) {
    const before = result.at(-1)?.at(-1);
    if (token.kind === 'run' && before?.kind === 'run' && before.position === token.position - 1) {
      result.at(-1)?.push(token);
    } else result.push([token]);
  }
  return result;
}

function sequence(tokens: readonly Token[], openEnd: boolean): Sequence {
  const first = tokens[0]?.position ?? 0;
  return tokens.map(({ text, position, kind }, i) => ({
    text,
    // The last character of a run that was typed may get further marks, or be alone.
    prefix: i === tokens.length - 1 && (openEnd || kind === 'run'),
    offset: position - first,
  }));
}

/** The query as `tsquery` text, in which `~` stands for the tag of the place that is searched. */
export function toTsquery(query: SearchQuery, filter: SearchFilter): string {
  const conditions = query.sequences.map(
    (terms) => `(${terms.map((term, i) => tsTerm(term, terms[i - 1])).join(' ')})`,
  );
  if (filter.from !== undefined) conditions.push(exactly(FILTER_TERMS.from(filter.from)));
  if (filter.has !== undefined) conditions.push(exactly(FILTER_TERMS[filter.has]));
  if (filter.mentions !== undefined) {
    const mine = exactly(FILTER_TERMS.mentions(filter.mentions));
    conditions.push(`(${mine} | ${exactly(FILTER_TERMS.everyone)})`);
  }
  return conditions.join(' & ');
}

/** Terms that are ranked by how near to each other they stand. */
const MAX_RANKED = 4;

/**
 * What matches are ranked by, as `tsquery` text: the longest terms, of which no two find the same word. PostgreSQL compares
 * each place of each with each place of each other, so that many that stand in long texts again and again would take it
 * minutes.
 */
export function toRankedTsquery(query: SearchQuery): string {
  const longest = query.sequences.flat().toSorted((a, b) => b.text.length - a.text.length);
  const narrow = longest.filter((term) => !longest.some((other) => includes(term, other)));
  const terms = new Set(narrow.map((term) => tsTerm(term, undefined)));
  return [...terms].slice(0, MAX_RANKED).join(' & ');
}

/** Whether whatever is found by `narrower` is also found by `term`, and something else as well. */
function includes(term: Term, narrower: Term): boolean {
  const isSame = narrower.text === term.text && narrower.prefix;
  return term.prefix && !isSame && narrower.text.startsWith(term.text);
}

/** Any of the words as a whole, as `tsquery` text: those who say exactly what was asked for rank higher. */
export function toExactTsquery(query: SearchQuery): string {
  return query.sequences.flatMap((terms) => terms.map((term) => exactly(term.text))).join(' | ');
}

function tsTerm(term: Term, before: Term | undefined): string {
  const operator = before === undefined ? '' : `<${term.offset - before.offset}> `;
  return `${operator}${exactly(term.text)}${term.prefix ? ':*' : ''}`;
}

function exactly(term: string): string {
  return quote(`~${term}`);
}

/** Tokens of one text that are compared with terms; far more than a text that does not repeat itself takes. */
const MAX_COMPARED = 50_000;

/**
 * The parts of `text` that match, as [from, to) in UTF-16 code units, ascending and apart from each other. In a text that
 * repeats itself much, only the first of them.
 */
export function highlight(text: string, query: SearchQuery): [number, number][] {
  const tokens = tokenize(text);
  const at = new Map(tokens.map((token) => [token.position, token]));
  const ranges: [number, number][] = [];
  let compared = 0;
  for (const terms of query.sequences) {
    for (const first of tokens) {
      const matched: [number, number][] = [];
      for (const term of terms) {
        compared += 1;
        const range = matchedRange(at.get(first.position + term.offset), term);
        if (range === null) break;
        matched.push(range);
      }
      if (matched.length === terms.length) ranges.push(...matched);
      if (compared > MAX_COMPARED) return merged(ranges);
    }
  }
  return merged(ranges);
}

function matchedRange(token: Token | undefined, term: Term): [number, number] | null {
  if (token === undefined) return null;
  const matches = term.prefix ? token.text.startsWith(term.text) : token.text === term.text;
  const end = token.ends[term.text.length - 1];
  return matches && end !== undefined ? [token.from, end] : null;
}

function merged(ranges: readonly [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
