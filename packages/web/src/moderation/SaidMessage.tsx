import type { Message } from '@confab/sdk';
import type { ReactNode } from 'react';
import { client, useClient } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { messagePath } from '../lib/router.ts';
import { ago, exactTime } from '../lib/time.ts';
import { Markdown } from '../room/Markdown.tsx';
import { summaryOf } from '../room/summary.ts';
import { classes } from '../ui/classes.ts';
import { Link } from '../ui/Link.tsx';
import { PersonLink } from './PersonLink.tsx';

interface Props {
  message: Message;
  /** It is the one that this is about. */
  marked?: boolean;
  /** Beside the name. */
  note?: ReactNode;
}

/** What somebody said, outside of its room. */
export function SaidMessage({ message, marked = false, note }: Props) {
  const now = useNow();
  const isIn = useClient((known) => [...known.rooms, ...known.threads].some(({ id }) => id === message.roomId));
  const isText = message.kind === 'text' && message.deletedAt === null && message.hidden !== true;
  const summary = useClient(() => (isText ? '' : summaryOf(message, (id) => client.userById(id)?.name)));
  const time = (
    <time dateTime={new Date(message.createdAt).toISOString()} title={exactTime(message.createdAt)}>
      {ago(message.createdAt, now)}
    </time>
  );
  return (
    <div className={classes('min-w-0', marked && 'rounded-lg bg-warn-soft px-3 py-2')}>
      <p className="flex flex-wrap items-baseline gap-x-2">
        <PersonLink userId={message.senderId} />
        <span className="text-sm text-muted">
          {message.n > 0 && isIn ? (
            <Link to={messagePath(message.roomId, message.n)} className="underline-offset-2 hover:underline">
              {time}
            </Link>
          ) : (
            time
          )}
        </span>
        {note}
      </p>
      <div className="break-words">
        {isText ? <Markdown body={message.body} /> : <p className="text-muted italic">{summary}</p>}
      </div>
    </div>
  );
}
