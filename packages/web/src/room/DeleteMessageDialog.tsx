import type { LiveRoom, Message } from '@confab/sdk';
import { client } from '../lib/client.ts';
import { FormDialog } from '../moderation/FormDialog.tsx';
import { ReasonPicker, reasonOf } from '../moderation/ReasonPicker.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { summaryOf } from './summary.ts';

interface Props {
  room: LiveRoom;
  message: Message;
  onClose: () => void;
}

/** Of somebody else's message it asks for a reason, which its author reads. */
export function DeleteMessageDialog({ room, message, onClose }: Props) {
  const what = (
    <>
      <p>It is erased for everyone, and can’t be brought back.</p>
      <p className="mt-4 line-clamp-3 rounded-lg bg-surface px-3 py-2.5 break-words text-ink">
        {summaryOf(message, (id) => client.userById(id)?.name)}
      </p>
    </>
  );
  if (message.senderId === client.me?.id) {
    return (
      <ConfirmDialog title="Delete message?" verb="Delete" onConfirm={() => room.delete(message.id)} onClose={onClose}>
        {what}
      </ConfirmDialog>
    );
  }
  return (
    <FormDialog
      title="Delete message?"
      verb="Delete"
      danger
      onSubmit={async (form) => {
        await room.delete(message.id, reasonOf(form));
      }}
      onClose={onClose}
    >
      {(problems) => (
        <>
          <div className="text-muted">{what}</div>
          <ReasonPicker error={problems['reason']} />
        </>
      )}
    </FormDialog>
  );
}
