import type { RoomState } from '@confab/sdk';
import { ArrowLeft, BellOff, Ellipsis, Pin, Search, Users } from 'lucide-react';
import { useNow } from '../lib/now.ts';
import { count } from '../lib/words.ts';
import { navigate, searchPath } from '../lib/router.ts';
import { PersonAvatar } from '../presence/PersonAvatar.tsx';
import { PresenceText } from '../presence/PresenceText.tsx';
import { Avatar } from '../ui/Avatar.tsx';
import { IconButton } from '../ui/Button.tsx';
import { type MenuItem, MenuButton } from '../ui/Menu.tsx';
import { openPerson } from '../people/open-person.ts';
import { LoungeName, RoomStateBadges } from './RoomStateBadges.tsx';

export type RoomPanel = 'members' | 'pins';

interface Props {
  state: RoomState;
  title: string;
  /** The other one of a room of two. */
  peerId: string | null;
  peerUsername: string | undefined;
  panel: RoomPanel | null;
  onPanel: (panel: RoomPanel) => void;
  menu: readonly (readonly (MenuItem | false)[])[];
}

export function RoomHeader({ state, title, peerId, peerUsername, panel, onPanel, menu }: Props) {
  const now = useNow();
  const { room, me } = state;
  return (
    <>
      <header className="flex h-16 shrink-0 items-center gap-3 border-b px-2 sm:px-4">
        <IconButton label="Back to conversations" className="md:hidden" onClick={() => navigate('/')}>
          <ArrowLeft size={20} aria-hidden />
        </IconButton>
        {peerId === null ? (
          <Avatar id={room.id} name={title} shape="room" />
        ) : (
          <button
            type="button"
            aria-label={`About ${title}`}
            className="rounded-full"
            onClick={() => openPerson(peerId)}
          >
            <PersonAvatar id={peerId} name={title} />
          </button>
        )}
        <div className="min-w-0 flex-1">
          <div className="flex items-center gap-2">
            <h1 className="flex min-w-0 items-center gap-1.5 font-semibold">
              <span className="truncate">{title}</span>
              {(me.mutedUntil ?? 0) > now && <BellOff size={14} className="shrink-0 text-muted" aria-label="Muted" />}
            </h1>
            <div className="flex shrink-0 gap-1.5 max-sm:hidden">
              <RoomStateBadges state={state} />
            </div>
          </div>
          <p className="truncate text-sm text-muted">
            {room.archivedAt !== null && room.kind !== 'match' && 'Archived · '}
            {room.kind === 'language' && (
              <>
                <LoungeName state={state} />
                {room.topic !== '' && ' · '}
              </>
            )}
            {peerId === null ? (
              room.topic || (room.kind === 'group' || room.kind === 'public' ? count(room.memberCount, 'member') : null)
            ) : (
              <PresenceText userId={peerId} fallback={peerUsername === undefined ? '' : `@${peerUsername}`} />
            )}
          </p>
        </div>
        <div className="flex shrink-0">
          <IconButton
            label="Search in this room"
            className="max-sm:hidden"
            onClick={() => navigate(searchPath(new URLSearchParams({ room: room.id })))}
          >
            <Search size={19} aria-hidden />
          </IconButton>
          <IconButton
            label="Pinned messages"
            aria-expanded={panel === 'pins'}
            className="aria-expanded:bg-hover aria-expanded:text-ink max-sm:hidden"
            onClick={() => onPanel('pins')}
          >
            <Pin size={18} aria-hidden />
          </IconButton>
          {peerId === null && (
            <IconButton
              label={count(room.memberCount, 'member')}
              aria-expanded={panel === 'members'}
              className="gap-1.5 px-2 aria-expanded:bg-hover aria-expanded:text-ink"
              onClick={() => onPanel('members')}
            >
              <Users size={19} aria-hidden />
              <span className="text-sm font-medium tabular-nums">{room.memberCount}</span>
            </IconButton>
          )}
          <MenuButton label="Room menu" groups={menu}>
            <Ellipsis size={20} aria-hidden />
          </MenuButton>
        </div>
      </header>
      <div className="flex flex-wrap gap-1.5 px-4 py-1.5 empty:hidden sm:hidden">
        <RoomStateBadges state={state} />
      </div>
    </>
  );
}
