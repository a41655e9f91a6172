import type { Message } from '@confab/sdk';
import { Ellipsis, MessageSquareReply, Pencil, Reply, SmilePlus } from 'lucide-react';
import { IconButton } from '../ui/Button.tsx';
import type { RowActions } from './row-actions.ts';

interface Props {
  message: Message;
  mine: boolean;
  /** Something may still be written here. */
  writable: boolean;
  /** Reactions may be given. */
  reactable: boolean;
  actions: RowActions;
}

/** What is most often done with a message: shown for the one under the pointer or in focus. */
export function MessageActions({ message, mine, writable, reactable, actions }: Props) {
  const { thread } = actions;
  return (
    <div
      role="toolbar"
      aria-label="Message actions"
      className="absolute -top-3 right-3 z-1 flex rounded-lg border bg-raised p-0.5 shadow-pop sm:right-6"
    >
      {reactable && (
        <IconButton
          label="React"
          small
          onClick={(event) => actions.pick(message, event.currentTarget.getBoundingClientRect())}
        >
          <SmilePlus size={17} aria-hidden />
        </IconButton>
      )}
      {writable && (
        <>
          <IconButton label="Reply" small onClick={() => actions.reply(message)}>
            <Reply size={17} aria-hidden />
          </IconButton>
          {thread && (
            <IconButton label="Reply in thread" small onClick={() => thread(message)}>
              <MessageSquareReply size={16} aria-hidden />
            </IconButton>
          )}
          {mine && message.kind === 'text' && !message.forwarded && (
            <IconButton label="Edit" small onClick={() => actions.edit(message)}>
              <Pencil size={16} aria-hidden />
            </IconButton>
          )}
        </>
      )}
      <IconButton
        label="More"
        small
        aria-haspopup="menu"
        onClick={(event) => actions.menu(message, event.currentTarget.getBoundingClientRect())}
      >
        <Ellipsis size={17} aria-hidden />
      </IconButton>
    </div>
  );
}
