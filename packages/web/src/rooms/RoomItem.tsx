import type { RoomView } from '@confab/sdk';
import { AtSign, BellOff, Clock3, MessageSquareReply } from 'lucide-react';
import { memo } from 'react';
import { client, useClient, useUser } from '../lib/client.ts';
import { languageName } from '../lib/language-names.ts';
import { useNow } from '../lib/now.ts';
import { roomPath, threadPath } from '../lib/router.ts';
import { shortTime } from '../lib/time.ts';
import { useLounge } from '../lounges/lounges.ts';
import { PersonAvatar } from '../presence/PersonAvatar.tsx';
import { summaryOf } from '../room/summary.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { classes } from '../ui/classes.ts';
import { Link } from '../ui/Link.tsx';
import { UnreadBadge } from '../ui/UnreadBadge.tsx';

interface Props {
  view: RoomView;
  current: boolean;
}

/** One line of the list: a room, or a thread. */
export const RoomItem = memo(function RoomItem({ view, current }: Props) {
  const now = useNow();
  const { room, title, peer, unread, mentions, lastMessage, isMuted } = view;
  const place = usePlace(view);
  const quiet = isMuted || view.me.notify === 'none' || view.isArchived;
  const isNew = (unread > 0 || view.me.markedUnread) && !quiet;
  return (
    <li>
      <Link
        to={room.parent === null ? roomPath(view.id) : threadPath(room.parent.roomId, view.id)}
        aria-current={current ? 'page' : undefined}
        className={classes(
          'flex items-center gap-3 rounded-xl px-3 py-2.5 transition-colors focus-visible:-outline-offset-2',
          current ? 'bg-accent-soft' : 'hover:bg-hover',
        )}
      >
        {room.parent !== null ? (
          <span
            className="flex size-11 shrink-0 items-center justify-center rounded-xl bg-hover text-muted"
            aria-hidden
          >
            <MessageSquareReply size={20} />
          </span>
        ) : peer ? (
          <PersonAvatar id={peer.id} name={title} size="lg" />
        ) : (
          <Avatar id={view.id} name={title} size="lg" shape="room" />
        )}
        <span className="min-w-0 flex-1">
          <span className="flex items-center justify-between gap-2">
            <span className={classes('truncate', isNew ? 'font-semibold' : 'font-medium', quiet && 'text-muted')}>
              {title}
            </span>
            {place !== '' && <span className="min-w-0 flex-1 truncate text-xs text-muted">{place}</span>}
            {isMuted && <BellOff size={13} className="shrink-0 text-muted" aria-label="Muted" />}
            {lastMessage && (
              <span className="ml-auto shrink-0 text-xs text-muted">{shortTime(lastMessage.createdAt, now)}</span>
            )}
          </span>
          <span className="mt-0.5 flex h-5 items-center justify-between gap-2 text-sm">
            <Preview view={view} />
            <span className="flex shrink-0 items-center gap-1">
              {view.pendingCount > 0 && <Clock3 size={14} className="text-muted" aria-label="Not sent yet" />}
              {mentions > 0 && (
                <span className="flex size-5 items-center justify-center rounded-full bg-danger text-canvas">
                  <AtSign size={13} aria-hidden />
                  <span className="sr-only">You are mentioned</span>
                </span>
              )}
              {unread > 0 ? (
                <UnreadBadge unread={unread} quiet={quiet} />
              ) : (
                view.me.markedUnread && (
                  <span className="size-2.5 rounded-full bg-accent">
                    <span className="sr-only">Marked as unread</span>
                  </span>
                )
              )}
            </span>
          </span>
        </span>
      </Link>
    </li>
  );
});

/** Of a language room its language, where the name does not say it, and its lounge. */
function usePlace({ room: { lounge, name } }: RoomView): string {
  const known = useLounge(lounge?.id ?? null);
  const language = lounge === null ? undefined : languageName(lounge.language);
  return [language === name ? undefined : language, known?.name].filter((part) => part !== undefined).join(' · ');
}

/** Who said what last. */
function Preview({ view }: { view: RoomView }) {
  const message = view.lastMessage;
  const sender = useUser(message?.senderId ?? null);
  const myId = useClient((known) => known.me?.id);
  const text = useClient(() => message && summaryOf(message, (id) => client.userById(id)?.name));
  if (message === null) return <span className="truncate text-muted">{view.room.topic || 'No messages yet'}</span>;
  const unsigned = message.kind === 'system' || message.hidden === true || message.deletedAt !== null;
  const who = unsigned
    ? ''
    : message.senderId === myId
      ? 'You: '
      : view.room.kind !== 'direct' && view.room.kind !== 'match' && sender
        ? `${sender.name.split(' ')[0]}: `
        : '';
  return (
    <span
      className={classes(
        'truncate',
        view.unread > 0 && !view.isMuted ? 'text-ink' : 'text-muted',
        message.deletedAt !== null && 'italic',
      )}
    >
      {who}
      {text}
    </span>
  );
}
