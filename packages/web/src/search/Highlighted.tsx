import { Fragment, type ReactNode } from 'react';

interface Props {
  text: string;
  /** [from, to) in UTF-16 code units. */
  ranges: readonly (readonly [number, number])[];
}

const LEAD = 120;

/** A text with the parts that were found marked; it begins shortly before the first of them. */
export function Highlighted({ text, ranges }: Props) {
  const sorted = ranges.toSorted((a, b) => a[0] - b[0]);
  const begin = Math.max(0, (sorted[0]?.[0] ?? 0) - LEAD);
  const parts: ReactNode[] = [begin > 0 && '…'];
  let at = begin;
  for (const [from, to] of sorted) {
    if (from < at) continue;
    parts.push(
      <Fragment key={from}>
        {text.slice(at, from)}
        <mark>{text.slice(from, to)}</mark>
      </Fragment>,
    );
    at = to;
  }
  parts.push(text.slice(at));
  return parts;
}
