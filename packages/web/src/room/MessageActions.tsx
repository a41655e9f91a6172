import type { Message } from '@confab/sdk';
import { Copy, Pencil, Reply, Trash2 } from 'lucide-react';
import { IconButton } from '../ui/Button.tsx';
import { toast } from '../ui/toasts.tsx';
import type { RowActions } from './row-actions.ts';

interface Props {
  message: Message;
  mine: boolean;
  deletable: boolean;
  actions: RowActions;
}

function copy(text: string) {
  navigator.clipboard.writeText(text).then(
    () => toast('Copied.'),
    () => toast('The browser did not allow copying.'),
  );
}

/** What can be done with a message: shown for the one under the pointer or in focus. */
export function MessageActions({ message, mine, deletable, actions }: Props) {
  return (
    <div
      role="toolbar"
      aria-label="Message actions"
      className="absolute -top-3 right-3 z-1 flex rounded-lg border bg-raised p-0.5 shadow-pop sm:right-6"
    >
      <IconButton label="Reply" small onClick={() => actions.reply(message)}>
        <Reply size={17} aria-hidden />
      </IconButton>
      <IconButton label="Copy text" small onClick={() => copy(message.body)}>
        <Copy size={16} aria-hidden />
      </IconButton>
      {mine && (
        <IconButton label="Edit" small onClick={() => actions.edit(message)}>
          <Pencil size={16} aria-hidden />
        </IconButton>
      )}
      {deletable && (
        <IconButton label="Delete" small className="hover:text-danger" onClick={() => actions.remove(message)}>
          <Trash2 size={16} aria-hidden />
        </IconButton>
      )}
    </div>
  );
}
