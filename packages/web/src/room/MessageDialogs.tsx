import type { LiveRoom } from '@confab/sdk';
import { lazy, Suspense } from 'react';
import { DeleteMessageDialog } from './DeleteMessageDialog.tsx';
import type { MessageDialog } from './message-menu.tsx';

const ForwardDialog = lazy(async () => ({ default: (await import('./ForwardDialog.tsx')).ForwardDialog }));
const EditsDialog = lazy(async () => ({ default: (await import('./EditsDialog.tsx')).EditsDialog }));

interface Props {
  room: LiveRoom;
  dialog: MessageDialog;
  onClose: () => void;
}

/** The dialogs about one message. */
export function MessageDialogs({ room, dialog: { kind, message }, onClose }: Props) {
  if (kind === 'delete') return <DeleteMessageDialog room={room} message={message} onClose={onClose} />;
  return (
    <Suspense fallback={null}>
      {kind === 'forward' ? (
        <ForwardDialog room={room} message={message} onClose={onClose} />
      ) : (
        <EditsDialog room={room} message={message} onClose={onClose} />
      )}
    </Suspense>
  );
}
