import type { Message } from '@confab/sdk';
import { Fragment } from 'react';
import { useClient } from '../lib/client.ts';
import { splitMentions } from './split.ts';

interface Props {
  text: string;
  mentions: NonNullable<Message['mentions']>;
}

/** Text in which the names of those it mentions stand out. */
export function Mentioned({ text, mentions }: Props) {
  // Names arrive by and by: a string compares by value.
  const names = useClient((client) => mentions.userIds.map((id) => client.userById(id)?.username ?? '').join(' '));
  const mine = useClient((client) => client.me?.username);
  const known = new Set(names.split(' ').filter(Boolean));
  if (mentions.everyone !== null) known.add(mentions.everyone);
  return splitMentions(text, known).map(({ value, name }, index) =>
    name === null ? (
      // Parts of one text never change places.
      <Fragment key={index}>{value}</Fragment>
    ) : (
      <span key={index} className={`mention ${name === mine || name === mentions.everyone ? 'mention-me' : ''}`}>
        {value}
      </span>
    ),
  );
}
