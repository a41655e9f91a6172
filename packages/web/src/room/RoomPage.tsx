import type { LiveRoom, Message, OutboxItem, RoomState } from '@confab/sdk';
import { SearchX } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Announcer } from '../app/Announcer.tsx';
import { useClient, useLiveRoom, useUser } from '../lib/client.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { navigate } from '../lib/router.ts';
import { Composer } from './Composer.tsx';
import type { ComposerMode } from './composer-mode.ts';
import { DeleteMessageDialog } from './DeleteMessageDialog.tsx';
import { MembersPanel } from './MembersPanel.tsx';
import { MessageList } from './MessageList.tsx';
import { may } from './rights.ts';
import { RoomHeader } from './RoomHeader.tsx';
import { RoomSettingsDialog } from './RoomSettingsDialog.tsx';
import { RoomSkeleton } from './RoomSkeleton.tsx';
import { useOpenRoom } from './useOpenRoom.ts';

/** One room. Mount it anew for each. */
export function RoomPage({ roomId }: { roomId: string }) {
  const { room, state, pending } = useLiveRoom(roomId);
  const opening = useOpenRoom(room);
  const online = useClient((client) => client.status === 'online');

  if (opening === 'missing' || state?.gone) return <NoRoom />;
  // Without a connection, what is known of the room is shown.
  if (state === null || (opening === 'opening' && online)) return <RoomSkeleton />;
  return <OpenRoom room={room} state={state} pending={pending} />;
}

interface Props {
  room: LiveRoom;
  state: RoomState;
  pending: readonly OutboxItem[];
}

const WRITING: ComposerMode = { kind: 'new' };

function OpenRoom({ room, state, pending }: Props) {
  const peer = useUser(state.peerId);
  const title = state.room.name ?? peer?.name ?? '…';
  const [mode, setMode] = useState<ComposerMode>(WRITING);
  const [removing, setRemoving] = useState<Message | null>(null);
  const [panel, setPanel] = useState(false);
  const [settings, setSettings] = useState(false);
  const quotedSender = useUser(mode.kind === 'reply' ? mode.to.senderId : null);

  const actions = useMemo(
    () => ({
      reply: (to: Message) => setMode({ kind: 'reply', to }),
      edit: (message: Message) => setMode({ kind: 'edit', message }),
      remove: setRemoving,
    }),
    [],
  );

  function editLast() {
    const last = state.messages.findLast(
      (message) => message.senderId === state.me.userId && message.deletedAt === null,
    );
    if (last) setMode({ kind: 'edit', message: last });
  }

  return (
    <div className="relative flex min-h-0 min-w-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <RoomHeader
          state={state}
          title={title}
          peer={peer}
          membersShown={panel}
          onMembers={() => setPanel(!panel)}
          onSettings={may('updateRoom', state.room, state.me.role) ? () => setSettings(true) : null}
        />
        <MessageList room={room} state={state} pending={pending} title={title} actions={actions} />
        <Composer
          room={room}
          title={title}
          mode={mode}
          quotedSender={quotedSender}
          onDone={() => setMode(WRITING)}
          onEditLast={editLast}
        />
      </div>
      {panel && <MembersPanel room={room} state={state} onClose={() => setPanel(false)} />}
      {settings && <RoomSettingsDialog room={room} state={state} onClose={() => setSettings(false)} />}
      {removing && <DeleteMessageDialog room={room} message={removing} onClose={() => setRemoving(null)} />}
      <Announcer roomId={room.id} myId={state.me.userId} />
    </div>
  );
}

function NoRoom() {
  return (
    <div className="flex flex-1 items-center justify-center">
      <EmptyState
        icon={<SearchX size={26} />}
        title="This room isn’t here"
        actions={<Button onClick={() => navigate('/', { replace: true })}>Go to your conversations</Button>}
      >
        It was deleted, or you are no longer a member of it.
      </EmptyState>
    </div>
  );
}
