import { Fragment } from 'react';
import { splitMentions } from './split.ts';

/** Names that stand out in a text: all that are mentioned, and those of them that mean me. */
export interface Names {
  /** Apart by a space: equal names are equal strings. */
  all: string;
  mine: string;
}

/** Text in which the names of those it mentions stand out. */
export function Mentioned({ text, names }: { text: string; names: Names }) {
  const all = new Set(names.all.split(' '));
  const mine = new Set(names.mine.split(' '));
  return splitMentions(text, all).map(({ value, name }, index) =>
    name === null ? (
      // Parts of one text never change places.
      <Fragment key={index}>{value}</Fragment>
    ) : (
      <span key={index} className={`mention ${mine.has(name) ? 'mention-me' : ''}`}>
        {value}
      </span>
    ),
  );
}
