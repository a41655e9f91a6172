import type { LiveRoom, Message, OutboxItem, PublicUser } from '@confab/sdk';
import { Pin, Star } from 'lucide-react';
import { memo } from 'react';
import { clockTime, exactTime } from '../lib/time.ts';
import { Reactions } from '../reactions/Reactions.tsx';
import { ThreadLink } from '../threads/ThreadLink.tsx';
import { Avatar } from '../ui/Avatar.tsx';
import { classes } from '../ui/classes.ts';
import { Delivery, FailedNotice } from './Delivery.tsx';
import { MessageActions } from './MessageActions.tsx';
import { MessageBody } from './MessageBody.tsx';
import { Quote } from './Quote.tsx';
import type { RowActions } from './row-actions.ts';

interface Props {
  rowKey: string;
  /** From the history, or still on its way out. */
  message: Message | OutboxItem;
  first: boolean;
  last: boolean;
  room: LiveRoom;
  sender: PublicUser | undefined;
  senderId: string;
  myId: string;
  /** Something may still be written here. */
  writable: boolean;
  /** Reactions may be given. */
  reactable: boolean;
  starred: boolean;
  /** Shows its actions. */
  active: boolean;
  /** Briefly marked, as the target of a jump. */
  marked: boolean;
  /** Who has read it, in words; null where nobody has, or receipts are private. */
  seenBy: string | null;
  actions: RowActions;
}

export const MessageRow = memo(function MessageRow(props: Props) {
  const { rowKey, message, first, last, room, sender, senderId, myId } = props;
  const { writable, reactable, starred, active, marked, seenBy, actions } = props;
  const sent = 'id' in message ? message : null;
  const item = 'id' in message ? null : message;
  const { createdAt, replyTo } = message;
  const mine = senderId === myId;
  const hidden = sent?.hidden === true;
  // Of a forward only who said it first is blocked.
  const unnamed = hidden && !sent.forwarded;
  const name = unnamed ? 'Blocked' : (sender?.name ?? '…');
  const gone = sent !== null && (sent.deletedAt !== null || hidden);
  const failed = item?.state === 'failed';

  return (
    <li
      data-key={rowKey}
      data-n={sent?.n}
      data-active={active || undefined}
      tabIndex={-1}
      className={classes(
        'message-row relative flex gap-3 px-4 py-0.5 focus-visible:-outline-offset-2 sm:px-6',
        first && 'mt-3',
        active && 'bg-surface',
        marked && 'animate-flash',
      )}
    >
      <div className="w-9 shrink-0">
        {first ? (
          <button
            type="button"
            tabIndex={-1}
            aria-hidden
            className="rounded-full"
            onClick={() => !unnamed && actions.person(senderId)}
          >
            <Avatar id={unnamed ? '' : senderId} name={name} />
          </button>
        ) : (
          active && (
            <span className="block pt-1 text-right text-[0.625rem] text-muted" aria-hidden>
              {clockTime(createdAt)}
            </span>
          )
        )}
      </div>
      <div className="min-w-0 flex-1">
        <p className={first ? 'flex items-baseline gap-2' : 'sr-only'}>
          <span className="truncate font-semibold">{name}</span>
          <time
            dateTime={new Date(createdAt).toISOString()}
            title={exactTime(createdAt)}
            className="shrink-0 text-xs text-muted"
          >
            {clockTime(createdAt)}
          </time>
          {starred && <Star size={12} className="shrink-0 fill-current text-warn" aria-label="Starred" />}
          {sent?.pinned && <Pin size={12} className="shrink-0 text-accent" aria-label="Pinned" />}
        </p>
        {replyTo !== null && !gone && <Quote room={room} messageId={replyTo} onShow={actions.show} />}
        <div className="flex items-end gap-2">
          <div
            className={classes(
              'min-w-0 flex-1',
              item !== null && 'text-muted',
              typeof sent?.editedAt === 'number' && 'markdown-runs-on',
            )}
          >
            <MessageBody message={message} room={room} />
          </div>
          {mine && !gone && !failed && (item !== null || last) && <Delivery item={item} seenBy={seenBy} />}
        </div>
        {sent?.reactions && sent.reactions.length > 0 && (
          <Reactions
            reactions={sent.reactions}
            myId={myId}
            onToggle={reactable ? (emoji, on) => actions.react(sent, emoji, on) : null}
            onAdd={(anchor) => actions.pick(sent, anchor)}
          />
        )}
        {sent?.thread && actions.thread && <ThreadLink thread={sent.thread} onOpen={() => actions.thread?.(sent)} />}
        {item?.state === 'failed' && <FailedNotice item={item} room={room} onRewrite={actions.rewrite} />}
      </div>
      {active && sent !== null && !gone && (
        <MessageActions message={sent} mine={mine} writable={writable} reactable={reactable} actions={actions} />
      )}
    </li>
  );
});
