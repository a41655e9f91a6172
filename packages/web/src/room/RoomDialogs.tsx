import type { LiveRoom, RoomState } from '@confab/sdk';
import { lazy, Suspense } from 'react';
import { client } from '../lib/client.ts';
import { navigate } from '../lib/router.ts';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import type { RoomDialog } from './room-menu.tsx';

const RoomSettingsDialog = lazy(async () => ({
  default: (await import('./RoomSettingsDialog.tsx')).RoomSettingsDialog,
}));
const ModerationDialog = lazy(async () => ({
  default: (await import('../moderation/RoomSettingsDialog.tsx')).RoomSettingsDialog,
}));
const ReportDialog = lazy(async () => ({ default: (await import('../report/ReportDialog.tsx')).ReportDialog }));
const NotificationsDialog = lazy(async () => ({
  default: (await import('./NotificationsDialog.tsx')).NotificationsDialog,
}));
const InvitesDialog = lazy(async () => ({ default: (await import('../invites/InvitesDialog.tsx')).InvitesDialog }));
const JumpToDateDialog = lazy(async () => ({ default: (await import('./JumpToDateDialog.tsx')).JumpToDateDialog }));

interface Props {
  kind: RoomDialog;
  room: LiveRoom;
  state: RoomState;
  title: string;
  onShow: (n: number) => void;
  onClose: () => void;
}

/** The dialogs about a room as a whole. */
export function RoomDialogs({ kind, room, state, title, onShow, onClose }: Props) {
  switch (kind) {
    case 'leave':
      return (
        <ConfirmDialog
          title={`Leave ${title}?`}
          verb="Leave"
          onConfirm={async () => {
            await room.leave();
            navigate('/', { replace: true });
          }}
          onClose={onClose}
        >
          {state.room.kind === 'public' || state.room.kind === 'language'
            ? 'You can join again whenever you like.'
            : 'To come back, someone in the room has to add you again.'}
        </ConfirmDialog>
      );
    case 'block':
      return (
        <ConfirmDialog
          title={`Block ${title}?`}
          verb="Block"
          onConfirm={() => (state.peerId === null ? Promise.resolve() : client.block(state.peerId))}
          onClose={onClose}
        >
          You can’t write to each other any more, and their messages in shared rooms are hidden. They are not told.
        </ConfirmDialog>
      );
    default:
      return (
        <Suspense fallback={null}>
          {kind === 'settings' && <RoomSettingsDialog room={room} state={state} onClose={onClose} />}
          {kind === 'moderation' && client.me && (
            <ModerationDialog room={state.room} me={client.me} onSaved={() => undefined} onClose={onClose} />
          )}
          {kind === 'report' && <RoomReport state={state} onClose={onClose} />}
          {kind === 'notifications' && <NotificationsDialog room={room} state={state} onClose={onClose} />}
          {kind === 'invites' && <InvitesDialog room={room} title={title} onClose={onClose} />}
          {kind === 'date' && <JumpToDateDialog room={room} onShow={onShow} onClose={onClose} />}
        </Suspense>
      );
  }
}

/** In a direct room it is about the other person, with what was said last. */
function RoomReport({ state: { room, peerId }, onClose }: { state: RoomState; onClose: () => void }) {
  return <ReportDialog target={{ type: 'room', roomId: room.id }} accusedId={peerId} onClose={onClose} />;
}
