import type { LiveRoom, Message } from '@confab/sdk';
import { useCallback } from 'react';
import { exactTime } from '../lib/time.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { Alert } from '../ui/Alert.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { Markdown } from './Markdown.tsx';

interface Props {
  room: LiveRoom;
  message: Message;
  onClose: () => void;
}

/** What a message said before it was edited. */
export function EditsDialog({ room, message, onClose }: Props) {
  const { data: edits, problem } = useLoaded(useCallback(() => room.edits(message.id), [room, message.id]));
  return (
    <Dialog title="Earlier versions" onClose={onClose}>
      <Alert>{problem}</Alert>
      {edits === null && problem === null && <Spinner label="Loading" />}
      <ol className="space-y-3">
        {edits?.map(({ body, until }) => (
          <li key={until} className="rounded-lg bg-surface px-3 py-2.5">
            <p className="mb-1 text-xs text-muted">Until {exactTime(until)}</p>
            <Markdown body={body} />
          </li>
        ))}
        {edits && (
          <li className="rounded-lg border px-3 py-2.5">
            <p className="mb-1 text-xs text-muted">Now</p>
            <Markdown body={message.body} />
          </li>
        )}
      </ol>
    </Dialog>
  );
}
