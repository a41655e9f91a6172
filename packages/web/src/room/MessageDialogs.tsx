import type { LiveRoom, RoomState } from '@confab/sdk';
import { lazy, Suspense } from 'react';
import { DeleteMessageDialog } from './DeleteMessageDialog.tsx';
import type { MessageDialog } from './MessageMenu.tsx';

const ForwardDialog = lazy(async () => ({ default: (await import('./ForwardDialog.tsx')).ForwardDialog }));
const ReportDialog = lazy(async () => ({ default: (await import('../report/ReportDialog.tsx')).ReportDialog }));
const RoomSanction = lazy(async () => ({ default: (await import('./RoomSanction.tsx')).RoomSanction }));
const EditsDialog = lazy(async () => ({ default: (await import('./EditsDialog.tsx')).EditsDialog }));

interface Props {
  room: LiveRoom;
  state: RoomState;
  dialog: MessageDialog;
  onClose: () => void;
}

/** The dialogs about one message. */
export function MessageDialogs({ room, state, dialog: { kind, message }, onClose }: Props) {
  if (kind === 'delete') return <DeleteMessageDialog room={room} message={message} onClose={onClose} />;
  return (
    <Suspense fallback={null}>
      {kind === 'report' ? (
        <ReportDialog
          target={{ type: 'message', roomId: room.id, messageId: message.id }}
          accusedId={message.senderId}
          onClose={onClose}
        />
      ) : kind === 'warn' || kind === 'mute' || kind === 'kick' || kind === 'ban' ? (
        <RoomSanction state={state} userId={message.senderId} type={kind} onClose={onClose} />
      ) : kind === 'forward' ? (
        <ForwardDialog room={room} message={message} onClose={onClose} />
      ) : (
        <EditsDialog room={room} message={message} onClose={onClose} />
      )}
    </Suspense>
  );
}
