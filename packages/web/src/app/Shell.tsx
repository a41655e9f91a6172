import type { Profile } from '@confab/sdk';
import { MessagesSquare } from 'lucide-react';
import { useState } from 'react';
import { useClient } from '../lib/client.ts';
import type { Route } from '../lib/router.ts';
import { RoomPage } from '../room/RoomPage.tsx';
import { CreateRoomDialog } from '../rooms/CreateRoomDialog.tsx';
import { DirectChatDialog } from '../rooms/DirectChatDialog.tsx';
import { Sidebar } from '../rooms/Sidebar.tsx';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ConnectionBanner } from './ConnectionBanner.tsx';
import { useTitle } from './useTitle.ts';

/** The app of someone signed in: the list beside the room; on a phone one of them at a time. */
export function Shell({ me, route }: { me: Profile; route: Route }) {
  const [dialog, setDialog] = useState<'room' | 'direct' | null>(null);
  const hasRooms = useClient((client) => client.rooms.length > 0);
  const roomId = route.name === 'room' ? route.roomId : null;
  const close = () => setDialog(null);
  useTitle(roomId);

  return (
    <div className="flex h-full flex-col">
      <ConnectionBanner />
      <div className="flex min-h-0 flex-1">
        <nav
          aria-label="Conversations"
          className={classes(
            'min-h-0 w-full flex-col bg-surface md:flex md:w-80 md:shrink-0 md:border-r',
            roomId === null ? 'flex' : 'hidden',
          )}
        >
          <Sidebar currentId={roomId} onCreateRoom={() => setDialog('room')} onNewMessage={() => setDialog('direct')} />
        </nav>
        <main className={classes('min-w-0 flex-1', roomId === null ? 'hidden md:flex' : 'flex')}>
          {roomId !== null ? (
            <RoomPage key={roomId} roomId={roomId} />
          ) : (
            <div className="flex flex-1 items-center justify-center">
              <EmptyState
                icon={<MessagesSquare size={26} />}
                title={`Hello, ${me.name}`}
                actions={
                  <>
                    <Button look="primary" onClick={() => setDialog('direct')}>
                      New message
                    </Button>
                    <Button onClick={() => setDialog('room')}>Create a room</Button>
                  </>
                }
              >
                {hasRooms
                  ? 'Choose a conversation, or begin a new one.'
                  : 'Write to someone, or create a room and bring people together.'}
              </EmptyState>
            </div>
          )}
        </main>
      </div>
      {dialog === 'room' && <CreateRoomDialog onClose={close} />}
      {dialog === 'direct' && <DirectChatDialog onClose={close} />}
    </div>
  );
}
