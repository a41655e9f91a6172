import type { LiveRoom, OutboxItem, RoomState } from '@confab/sdk';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Announcer } from '../app/Announcer.tsx';
import { attempt } from '../lib/attempt.ts';
import { useClient, useLiveRoom, useUser } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { navigate, roomPath } from '../lib/router.ts';
import { MatchBar } from '../strangers/MatchBar.tsx';
import { Conversation } from './Conversation.tsx';
import type { Target } from './MessageList.tsx';
import { NoRoom } from './NoRoom.tsx';
import { RoomBeginning } from './RoomBeginning.tsx';
import { RoomDialogs } from './RoomDialogs.tsx';
import { RoomHeader, type RoomPanel } from './RoomHeader.tsx';
import { type RoomDialog, roomMenu } from './room-menu.tsx';
import { RoomSkeleton } from './RoomSkeleton.tsx';
import { useOpenRoom } from './useOpenRoom.ts';

const MembersPanel = lazy(async () => ({ default: (await import('./MembersPanel.tsx')).MembersPanel }));
const PinsPanel = lazy(async () => ({ default: (await import('./PinsPanel.tsx')).PinsPanel }));
const ThreadPanel = lazy(async () => ({ default: (await import('../threads/ThreadPanel.tsx')).ThreadPanel }));

interface PageProps {
  roomId: string;
  /** The thread beside it. */
  threadId: string | null;
  /** The message to show. */
  n: number | null;
}

/** One room. Mount it anew for each. */
export function RoomPage({ roomId, threadId, n }: PageProps) {
  const { room, state, pending } = useLiveRoom(roomId);
  const opening = useOpenRoom(room, n);
  const online = useClient((client) => client.status === 'online');

  if (opening === 'missing' || state?.gone) return <NoRoom roomId={roomId} />;
  // Without a connection, what is known of the room is shown.
  if (state === null || (opening === 'opening' && online)) return <RoomSkeleton />;
  return <OpenRoom room={room} state={state} pending={pending} threadId={threadId} n={n} />;
}

interface Props extends Omit<PageProps, 'roomId'> {
  room: LiveRoom;
  state: RoomState;
  pending: readonly OutboxItem[];
}

function OpenRoom({ room, state, pending, threadId, n }: Props) {
  const now = useNow();
  const isMatch = state.room.kind === 'match';
  const { peerId } = state;
  const peer = useUser(peerId);
  const title = state.room.name ?? peer?.name ?? '…';
  const [panel, setPanel] = useState<RoomPanel | null>(null);
  const [dialog, setDialog] = useState<RoomDialog | null>(null);
  const [target, setTarget] = useState<Target | null>(n === null ? null : { n });
  const show = (to: number) => setTarget({ n: to });

  const [askedFor, setAskedFor] = useState(n);
  if (askedFor !== n) {
    setAskedFor(n);
    if (n !== null) setTarget({ n });
  }
  // The address asks for a message once: from then on it is the room's, so that it can ask again.
  useEffect(() => {
    if (n !== null) navigate(roomPath(room.id), { replace: true });
  }, [n, room.id]);

  // Opening a room that was marked as unread ends that; marking it while it is open does not.
  const [wasMarked] = useState(state.me.markedUnread);
  useEffect(() => {
    if (wasMarked) attempt(room.updateMe({ markedUnread: false }));
  }, [wasMarked, room]);

  const closeThread = () => navigate(roomPath(room.id));
  const togglePanel = (next: RoomPanel) => {
    setPanel(panel === next && threadId === null ? null : next);
    if (threadId !== null) closeThread();
  };

  return (
    <div className="relative flex min-h-0 min-w-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        <RoomHeader
          state={state}
          title={title}
          peerId={peerId}
          peerUsername={peer?.username}
          panel={threadId === null ? panel : null}
          onPanel={togglePanel}
          menu={roomMenu({
            room,
            state,
            now,
            onDialog: setDialog,
            onPins: () => togglePanel('pins'),
            onFirstUnread: () => attempt(room.jumpToFirstUnread().then((to) => to !== null && show(to))),
          })}
        />
        {isMatch && <MatchBar state={state} title={title} />}
        <Conversation
          room={room}
          state={state}
          pending={pending}
          title={title}
          beginning={<RoomBeginning room={state.room} peerId={peerId} title={title} />}
          target={target}
        />
      </div>
      <Suspense fallback={null}>
        {threadId !== null ? (
          <ThreadPanel key={threadId} threadId={threadId} title={title} onShow={show} onClose={closeThread} />
        ) : panel === 'members' ? (
          <MembersPanel room={room} state={state} onLeave={() => setDialog('leave')} onClose={() => setPanel(null)} />
        ) : (
          panel === 'pins' && <PinsPanel room={room} state={state} onShow={show} onClose={() => setPanel(null)} />
        )}
      </Suspense>
      {dialog && (
        <RoomDialogs
          kind={dialog}
          room={room}
          state={state}
          title={title}
          onShow={show}
          onClose={() => setDialog(null)}
        />
      )}
      <Announcer roomId={room.id} myId={state.me.userId} />
    </div>
  );
}
