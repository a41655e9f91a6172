import type { Message } from '@confab/sdk';
import { client, useClient } from '../lib/client.ts';
import { clockTime, exactTime } from '../lib/time.ts';
import { systemText } from './summary.ts';

interface Props {
  rowKey: string;
  message: Message;
  event: NonNullable<Message['system']>;
  onShowPinned: (messageId: string) => void;
}

/** What the server says: who came, who went, what the room is called now. */
export function SystemRow({ rowKey, message, event, onShowPinned }: Props) {
  const text = useClient(() => systemText(event, (id) => client.userById(id)?.name));
  return (
    <li
      data-key={rowKey}
      data-n={message.n}
      tabIndex={-1}
      className="message-row mt-2 px-4 py-0.5 text-center text-sm text-muted focus-visible:-outline-offset-2 sm:px-6"
    >
      <span className="break-words" title={exactTime(message.createdAt)}>
        {event.type === 'pinned' ? (
          <button
            type="button"
            className="underline-offset-2 hover:underline"
            onClick={() => onShowPinned(event.messageId)}
          >
            {text}
          </button>
        ) : (
          text
        )}
        <span className="sr-only"> {clockTime(message.createdAt)}</span>
      </span>
    </li>
  );
}
