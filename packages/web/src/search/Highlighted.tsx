import type { ReactNode } from 'react';
import { type TextPart, textParts } from '../room/markdown.ts';

interface Props {
  /** In Markdown. */
  body: string;
  /** [from, to) in the body, in UTF-16 code units. */
  ranges: readonly (readonly [number, number])[];
}

const LEAD = 120;

/** What a message says, without its marks, and with the parts that were found marked; it begins shortly before the first of them. */
export function Highlighted({ body, ranges }: Props) {
  const sorted = ranges.toSorted((a, b) => a[0] - b[0]);
  const begin = Math.max(0, (sorted[0]?.[0] ?? 0) - LEAD);
  const parts = textParts(body).filter(({ text, from }) => from + text.length > begin);
  return [begin > 0 && '…', ...parts.flatMap((part) => marked(part, sorted, begin))];
}

function marked({ text, from }: TextPart, ranges: Props['ranges'], begin: number): ReactNode[] {
  const shown: ReactNode[] = [];
  let at = Math.max(0, begin - from);
  for (const [start, end] of ranges) {
    const [first, last] = [Math.max(at, start - from), Math.min(text.length, end - from)];
    if (first >= last) continue;
    shown.push(text.slice(at, first), <mark key={from + first}>{text.slice(first, last)}</mark>);
    at = last;
  }
  return [...shown, text.slice(at)];
}
