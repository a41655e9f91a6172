import { MessageSquarePlus, UsersRound } from 'lucide-react';
import { AccountBar } from '../app/AccountBar.tsx';
import { useClient } from '../lib/client.ts';
import type { Route } from '../lib/router.ts';
import { ModerationNav } from '../moderation/ModerationNav.tsx';
import { IconButton } from '../ui/Button.tsx';
import { Logo } from '../ui/Logo.tsx';
import { RoomList } from './RoomList.tsx';
import { SidebarNav } from './SidebarNav.tsx';

interface Props {
  route: Route;
  onCreateRoom: () => void;
  onNewMessage: () => void;
}

export function Sidebar({ route, onCreateRoom, onNewMessage }: Props) {
  const mayBegin = useClient((client) => client.may('createRoom'));
  return (
    <>
      <header className="flex h-16 shrink-0 items-center gap-2.5 pr-3 pl-5">
        <Logo size={28} />
        <span className="flex-1 text-lg font-semibold tracking-tight">Confab</span>
        {mayBegin && (
          <>
            <IconButton label="Create a room" onClick={onCreateRoom}>
              <UsersRound size={20} aria-hidden />
            </IconButton>
            <IconButton label="New message" onClick={onNewMessage}>
              <MessageSquarePlus size={20} aria-hidden />
            </IconButton>
          </>
        )}
      </header>
      <SidebarNav current={route.name} />
      <ModerationNav current={route.name === 'moderation'} />
      <RoomList
        currentId={route.name === 'room' ? route.roomId : null}
        threadId={route.name === 'room' ? route.threadId : null}
      />
      <AccountBar />
    </>
  );
}
