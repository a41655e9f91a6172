import type { Profile } from '@confab/sdk';
import { MessagesSquare } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useClient } from '../lib/client.ts';
import { navigate, type Route } from '../lib/router.ts';
import { useKeptSettings } from '../lib/settings.ts';
import { useKeptNotices } from '../notices/notices.ts';
import { openPerson, useOpenPerson } from '../people/open-person.ts';
import { useIdle } from '../presence/useIdle.ts';
import { RoomPage } from '../room/RoomPage.tsx';
import { CreateRoomDialog } from '../rooms/CreateRoomDialog.tsx';
import { DirectChatDialog } from '../rooms/DirectChatDialog.tsx';
import { Sidebar } from '../rooms/Sidebar.tsx';
import { useKeptMatch } from '../strangers/match.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ConnectionBanner } from './ConnectionBanner.tsx';
import { GuestBanner } from './GuestBanner.tsx';
import { isPage, Page } from './pages.tsx';
import { useTitle } from './useTitle.ts';

const PersonDialog = lazy(async () => ({ default: (await import('../people/PersonDialog.tsx')).PersonDialog }));

/** The app of someone signed in: the list beside the room; on a phone one of them at a time. */
export function Shell({ me, route }: { me: Profile; route: Route }) {
  const [dialog, setDialog] = useState<'room' | 'direct' | null>(null);
  const hasRooms = useClient((client) => client.rooms.length > 0);
  const mayBegin = useClient((client) => client.may('createRoom'));
  const roomId = route.name === 'room' ? route.roomId : null;
  const isList = roomId === null && !isPage(route);
  const person = useOpenPerson();
  const close = () => setDialog(null);
  useTitle(roomId);
  useIdle();
  useKeptSettings();
  useKeptNotices();
  useKeptMatch();

  return (
    <div className="flex h-full flex-col">
      <ConnectionBanner />
      {me.role === 'guest' && <GuestBanner until={me.guestUntil} />}
      <div className="flex min-h-0 flex-1">
        <nav
          aria-label="Conversations"
          className={classes(
            'min-h-0 w-full flex-col bg-surface md:flex md:w-80 md:shrink-0 md:border-r',
            isList ? 'flex' : 'hidden',
          )}
        >
          <Sidebar route={route} onCreateRoom={() => setDialog('room')} onNewMessage={() => setDialog('direct')} />
        </nav>
        <main className={classes('min-w-0 flex-1', isList ? 'hidden md:flex' : 'flex')}>
          {route.name === 'room' ? (
            <RoomPage key={route.roomId} roomId={route.roomId} threadId={route.threadId} n={route.n} />
          ) : isPage(route) ? (
            <Suspense fallback={null}>
              <Page route={route} />
            </Suspense>
          ) : (
            <div className="flex flex-1 items-center justify-center">
              <EmptyState
                icon={<MessagesSquare size={26} />}
                title={`Hello, ${me.name}`}
                actions={
                  mayBegin ? (
                    <>
                      <Button look="primary" onClick={() => setDialog('direct')}>
                        New message
                      </Button>
                      <Button onClick={() => setDialog('room')}>Create a room</Button>
                    </>
                  ) : (
                    <Button look="primary" onClick={() => navigate('/lounges')}>
                      Look into the lounges
                    </Button>
                  )
                }
              >
                {!mayBegin
                  ? 'Lounges have rooms that anyone may join. With an account, you can create your own and write to people.'
                  : hasRooms
                    ? 'Choose a conversation, or begin a new one.'
                    : 'Write to someone, or create a room and bring people together.'}
              </EmptyState>
            </div>
          )}
        </main>
      </div>
      {person !== null && (
        <Suspense fallback={null}>
          <PersonDialog userId={person} onClose={() => openPerson(null)} />
        </Suspense>
      )}
      {dialog === 'room' && <CreateRoomDialog onClose={close} />}
      {dialog === 'direct' && <DirectChatDialog onClose={close} />}
    </div>
  );
}
