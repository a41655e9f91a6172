import type { LiveRoom, Message, OutboxItem } from '@confab/sdk';
import { ChartColumn, EyeOff, Forward, Languages } from 'lucide-react';
import { useUser } from '../lib/client.ts';
import { languageName } from '../lib/language-names.ts';
import { exactTime } from '../lib/time.ts';
import { MessageText } from '../mentions/MessageText.tsx';
import { PollCard } from '../polls/PollCard.tsx';
import { Markdown } from './Markdown.tsx';

interface Props {
  message: Message | OutboxItem;
  room: LiveRoom;
}

/** What a message says, by its kind. */
export function MessageBody({ message, room }: Props) {
  if (!('id' in message)) return <PendingBody item={message} />;
  if (message.hidden)
    return (
      <p className="flex items-center gap-1.5 text-muted italic">
        <EyeOff size={15} aria-hidden />
        {message.reported ? 'Message hidden until moderators have looked at it' : 'Message from someone you blocked'}
      </p>
    );
  if (message.deletedAt !== null) return <p className="text-muted italic">Message deleted</p>;
  return (
    <>
      {message.forwarded && <ForwardedFrom forwarded={message.forwarded} />}
      {message.poll ? (
        <PollCard room={room} message={message} poll={message.poll} />
      ) : (
        <MessageText message={message} />
      )}
      {message.editedAt !== null && (
        <span className="ml-1.5 text-xs text-muted" title={exactTime(message.editedAt)}>
          (edited)
        </span>
      )}
      {message.language !== undefined && <LanguageChip tag={message.language} />}
    </>
  );
}

/** Which language a message seems to be in, where that is not the room's. */
function LanguageChip({ tag }: { tag: string }) {
  const name = languageName(tag);
  return (
    <span
      title={`This seems to be ${name}`}
      className="mt-1 mr-2 inline-flex items-center gap-1 rounded-md bg-hover px-1.5 py-0.5 text-xs font-medium text-muted"
    >
      <Languages size={12} aria-hidden />
      {name}
    </span>
  );
}

function PendingBody({ item }: { item: OutboxItem }) {
  if (!item.poll) return <Markdown body={item.body} />;
  return (
    <p className="flex items-center gap-1.5">
      <ChartColumn size={15} aria-hidden />
      {item.poll.question}
    </p>
  );
}

function ForwardedFrom({ forwarded }: { forwarded: NonNullable<Message['forwarded']> }) {
  const author = useUser(forwarded.senderId);
  return (
    <p className="flex items-center gap-1.5 text-sm text-muted" title={exactTime(forwarded.createdAt)}>
      <Forward size={14} aria-hidden />
      Forwarded from {author?.name ?? '…'}
    </p>
  );
}
