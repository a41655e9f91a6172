import type { RoomView } from '@confab/sdk';
import { Clock3 } from 'lucide-react';
import { memo } from 'react';
import { useClient, useUser } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { roomPath } from '../lib/router.ts';
import { shortTime } from '../lib/time.ts';
import { plainText } from '../room/markdown.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { classes } from '../ui/classes.ts';
import { Link } from '../ui/Link.tsx';
import { UnreadBadge } from '../ui/UnreadBadge.tsx';

interface Props {
  view: RoomView;
  current: boolean;
}

export const RoomItem = memo(function RoomItem({ view, current }: Props) {
  const now = useNow();
  const { room, title, unread, lastMessage, peer } = view;
  return (
    <li>
      <Link
        to={roomPath(view.id)}
        aria-current={current ? 'page' : undefined}
        className={classes(
          'flex items-center gap-3 rounded-xl px-3 py-2.5 transition-colors focus-visible:-outline-offset-2',
          current ? 'bg-accent-soft' : 'hover:bg-hover',
        )}
      >
        <Avatar id={peer?.id ?? view.id} name={title} size="lg" shape={room.kind === 'direct' ? 'person' : 'room'} />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline justify-between gap-2">
            <span className={classes('truncate', unread > 0 ? 'font-semibold' : 'font-medium')}>{title}</span>
            {lastMessage && (
              <span className="shrink-0 text-xs text-muted">{shortTime(lastMessage.createdAt, now)}</span>
            )}
          </span>
          <span className="mt-0.5 flex h-5 items-center justify-between gap-2 text-sm">
            <Preview view={view} />
            {view.pendingCount > 0 && <Clock3 size={14} className="shrink-0 text-muted" aria-label="Not sent yet" />}
            {unread > 0 && <UnreadBadge unread={unread} />}
          </span>
        </span>
      </Link>
    </li>
  );
});

function Preview({ view }: { view: RoomView }) {
  const message = view.lastMessage;
  const sender = useUser(message?.senderId ?? null);
  const myId = useClient((client) => client.me?.id);
  if (message === null) return <span className="truncate text-muted">{view.room.topic || 'No messages yet'}</span>;
  const who =
    message.senderId === myId ? 'You: ' : view.room.kind === 'group' && sender ? `${sender.name.split(' ')[0]}: ` : '';
  return (
    <span className={classes('truncate', view.unread > 0 ? 'text-ink' : 'text-muted')}>
      {who}
      {message.deletedAt === null ? plainText(message.body) : <em>Message deleted</em>}
    </span>
  );
}
