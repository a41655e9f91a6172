import type { Message } from '@confab/sdk';
import { useClient } from '../lib/client.ts';
import { Markdown } from '../room/Markdown.tsx';

/** A message's body, in which those it mentions stand out. */
export function MessageText({ message: { body, mentions } }: { message: Message }) {
  // Names arrive by and by.
  const all = useClient((client) =>
    [mentions?.everyone, ...(mentions?.userIds ?? []).map((id) => client.userById(id)?.username)]
      .filter(Boolean)
      .join(' '),
  );
  const mine = useClient((client) => [mentions?.everyone, client.me?.username].filter(Boolean).join(' '));
  return all === '' ? <Markdown body={body} /> : <Markdown body={body} all={all} mine={mine} />;
}
