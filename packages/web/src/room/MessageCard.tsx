import type { Message } from '@confab/sdk';
import type { ReactNode } from 'react';
import { client, useClient, useUser } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { messagePath, threadPath } from '../lib/router.ts';
import { exactTime, shortTime } from '../lib/time.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { Link } from '../ui/Link.tsx';
import { summaryOf } from './summary.ts';

interface Props {
  message: Message;
  /** Instead of going to its room. */
  onShow?: () => void;
  /** The room's name is shown unless it is clear. */
  inRoom?: boolean;
  /** In place of the text. */
  children?: ReactNode;
  /** Beside it. */
  action?: ReactNode;
}

/** A message outside of its history, which leads there. */
export function MessageCard({ message, onShow, inRoom = false, children, action }: Props) {
  const now = useNow();
  const sender = useUser(message.senderId);
  const view = useClient(
    (known) =>
      known.rooms.find(({ id }) => id === message.roomId) ?? known.threads.find(({ id }) => id === message.roomId),
  );
  const text = useClient(() => summaryOf(message, (id) => client.userById(id)?.name));
  const parent = view?.room.parent;
  const path = parent ? threadPath(parent.roomId, message.roomId) : messagePath(message.roomId, message.n);
  const look = 'flex min-w-0 flex-1 gap-3 rounded-xl px-3 py-2.5 text-left transition-colors hover:bg-hover';
  const content = (
    <>
      <Avatar id={message.senderId} name={sender?.name ?? '…'} />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-2">
          <span className="truncate font-semibold">{sender?.name ?? '…'}</span>
          <span className="shrink-0 text-xs text-muted" title={exactTime(message.createdAt)}>
            {shortTime(message.createdAt, now)}
          </span>
        </span>
        {!inRoom && (
          <span className="block truncate text-sm text-muted">
            {parent && 'Thread in '}
            {view?.title ?? ''}
          </span>
        )}
        <span className="mt-0.5 line-clamp-4 break-words whitespace-pre-wrap">{children ?? text}</span>
      </span>
    </>
  );
  return (
    <li className="flex items-start gap-1">
      {onShow ? (
        <button type="button" className={look} onClick={onShow}>
          {content}
        </button>
      ) : (
        <Link to={path} className={look}>
          {content}
        </Link>
      )}
      {action}
    </li>
  );
}
