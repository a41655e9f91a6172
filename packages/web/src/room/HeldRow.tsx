import type { Message, PublicUser } from '@confab/sdk';
import { CircleSlash, Clock3 } from 'lucide-react';
import { attempt } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { clockTime, exactTime } from '../lib/time.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { Markdown } from './Markdown.tsx';

interface Props {
  rowKey: string;
  message: Message;
  sender: PublicUser | undefined;
}

/** A message of mine that waits for approval or was not approved: nobody but moderators sees it. */
export function HeldRow({ rowKey, message, sender }: Props) {
  const { senderId, body, poll, createdAt, status, reason } = message;
  const name = sender?.name ?? '…';
  const rejected = status === 'rejected';
  const params = { roomId: message.roomId, messageId: message.id };
  const Icon = rejected ? CircleSlash : Clock3;
  return (
    <li data-key={rowKey} className="message-row relative mt-3 flex gap-3 px-4 py-0.5 sm:px-6">
      <div className="w-9 shrink-0 opacity-60">
        <Avatar id={senderId} name={name} />
      </div>
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-2">
          <span className="truncate font-semibold text-muted">{name}</span>
          <time
            dateTime={new Date(createdAt).toISOString()}
            title={exactTime(createdAt)}
            className="shrink-0 text-xs text-muted"
          >
            {clockTime(createdAt)}
          </time>
        </p>
        <div className="text-muted italic">
          <Markdown body={poll ? poll.question : body} />
        </div>
        <p
          className={`mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm ${rejected ? 'text-danger' : 'text-warn'}`}
        >
          <span className="flex min-w-0 items-center gap-1.5">
            <Icon size={15} className="shrink-0" aria-hidden />
            <span className="min-w-0 break-words">
              {rejected ? 'Not approved.' : 'Waiting for approval.'} {reason !== undefined && reason}
            </span>
          </span>
          <button
            type="button"
            className="font-medium underline underline-offset-2"
            onClick={() => attempt(client.call('dropHeld', { params }))}
          >
            {rejected ? 'Put away' : 'Take back'}
          </button>
        </p>
      </div>
    </li>
  );
}
