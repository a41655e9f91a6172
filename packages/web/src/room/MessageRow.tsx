import type { LiveRoom, Message, OutboxItem, PublicUser } from '@confab/sdk';
import { memo } from 'react';
import { clockTime, exactTime } from '../lib/time.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { classes } from '../ui/classes.ts';
import { Delivery, FailedNotice } from './Delivery.tsx';
import { Markdown } from './Markdown.tsx';
import { MessageActions } from './MessageActions.tsx';
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
  mine: boolean;
  deletable: boolean;
  /** Shows its actions. */
  active: boolean;
  /** Briefly marked, as the target of a jump. */
  marked: boolean;
  /** The message it answers; null when that is not loaded. */
  quoted: Message | null;
  quotedSender: PublicUser | undefined;
  /** Who has read it, in words; null where nobody has, or receipts are private. */
  seenBy: string | null;
  actions: RowActions;
}

export const MessageRow = memo(function MessageRow(props: Props) {
  const { rowKey, message, first, last, room, sender, senderId } = props;
  const { mine, deletable, active, marked, quoted, quotedSender, seenBy, actions } = props;
  const sent = 'id' in message ? message : null;
  const item = 'id' in message ? null : message;
  const { body, createdAt, replyTo } = message;
  const name = sender?.name ?? '…';
  const deleted = sent !== null && sent.deletedAt !== null;
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
          <Avatar id={senderId} name={name} />
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
        </p>
        {replyTo !== null && !deleted && (
          <Quote message={quoted} sender={quotedSender} onShow={quoted ? () => actions.show(quoted) : null} />
        )}
        <div className="flex items-end gap-2">
          <div
            className={classes(
              'min-w-0 flex-1',
              item !== null && 'text-muted',
              sent?.editedAt !== null && 'markdown-runs-on',
            )}
          >
            {deleted ? (
              <p className="text-muted italic">Message deleted</p>
            ) : (
              <>
                <Markdown body={body} />
                {sent?.editedAt && (
                  <span className="ml-1.5 text-xs text-muted" title={exactTime(sent.editedAt)}>
                    (edited)
                  </span>
                )}
              </>
            )}
          </div>
          {mine && !deleted && !failed && (item !== null || last) && (
            <Delivery pending={item !== null} seenBy={seenBy} />
          )}
        </div>
        {item?.state === 'failed' && <FailedNotice item={item} room={room} />}
      </div>
      {active && sent !== null && !deleted && (
        <MessageActions message={sent} mine={mine} deletable={deletable} actions={actions} />
      )}
    </li>
  );
});
