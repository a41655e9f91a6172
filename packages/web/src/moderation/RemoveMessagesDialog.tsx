import { useState } from 'react';
import { client, useUser } from '../lib/client.ts';
import { count } from '../lib/words.ts';
import { Select } from '../ui/Select.tsx';
import { toast } from '../ui/toasts.tsx';
import { FormDialog } from './FormDialog.tsx';
import { useRoomName } from './places.ts';
import { ReasonPicker, reasonOf } from './ReasonPicker.tsx';

interface Props {
  userId: string;
  roomId: string;
  /** The message this is about, if it is about one. */
  messageId: string | null;
  /** To begin with. */
  reason: string;
  onClose: () => void;
}

/** Deletes the reported message, or what its author wrote in the room lately. */
export function RemoveMessagesDialog({ userId, roomId, messageId, reason, onClose }: Props) {
  const name = useUser(userId)?.name ?? '…';
  const room = useRoomName(roomId);
  const [what, setWhat] = useState(messageId === null ? 'hour' : 'one');
  const options = [
    ...(messageId === null ? [] : [['one', 'The reported message'] as const]),
    ['hour', `What ${name} wrote in the last hour`] as const,
    ['day', `What ${name} wrote in the last day`] as const,
  ];
  return (
    <FormDialog
      title="Delete messages?"
      verb="Delete"
      danger
      onSubmit={async (form) => {
        if (what === 'one' && messageId !== null) {
          await client.call('deleteMessage', { params: { roomId, messageId }, body: { reason: reasonOf(form) } });
          toast('The message is deleted.');
          return;
        }
        const { removed } = await client.call('removeMessages', {
          params: { roomId, userId },
          body: { since: what === 'day' ? 'day' : 'hour', reason: reasonOf(form) },
        });
        toast(`${count(removed, 'message')} deleted.`);
      }}
      onClose={onClose}
    >
      {(problems) => (
        <>
          <p className="text-muted">In {room}, for everyone. What was reported is kept as evidence.</p>
          <Select label="What" value={what} options={options} onChange={(event) => setWhat(event.target.value)} />
          <ReasonPicker first={reason} error={problems['reason']} />
        </>
      )}
    </FormDialog>
  );
}
