import type { LiveRoom, Message } from '@confab/sdk';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { client } from '../lib/client.ts';
import { summaryOf } from './summary.ts';

interface Props {
  room: LiveRoom;
  message: Message;
  onClose: () => void;
}

export function DeleteMessageDialog({ room, message, onClose }: Props) {
  return (
    <ConfirmDialog title="Delete message?" verb="Delete" onConfirm={() => room.delete(message.id)} onClose={onClose}>
      <p>It is erased for everyone, and can’t be brought back.</p>
      <p className="mt-4 line-clamp-3 rounded-lg bg-surface px-3 py-2.5 break-words text-ink">
        {summaryOf(message, (id) => client.userById(id)?.name)}
      </p>
    </ConfirmDialog>
  );
}
