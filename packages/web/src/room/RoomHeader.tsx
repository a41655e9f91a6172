import type { PublicUser, RoomState } from '@confab/sdk';
import { ArrowLeft, Settings2, Users } from 'lucide-react';
import { count } from '../lib/words.ts';
import { navigate } from '../lib/router.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { IconButton } from '../ui/Button.tsx';

interface Props {
  state: RoomState;
  title: string;
  peer: PublicUser | undefined;
  membersShown: boolean;
  onMembers: () => void;
  /** null where the person may not. */
  onSettings: (() => void) | null;
}

export function RoomHeader({ state, title, peer, membersShown, onMembers, onSettings }: Props) {
  const { room } = state;
  const direct = room.kind === 'direct';
  return (
    <header className="flex h-16 shrink-0 items-center gap-3 border-b px-2 sm:px-4">
      <IconButton label="Back to conversations" className="md:hidden" onClick={() => navigate('/')}>
        <ArrowLeft size={20} aria-hidden />
      </IconButton>
      <Avatar id={state.peerId ?? room.id} name={title} shape={direct ? 'person' : 'room'} />
      <div className="min-w-0 flex-1">
        <h1 className="truncate font-semibold">{title}</h1>
        <p className="truncate text-sm text-muted">
          {direct ? peer && `@${peer.username}` : room.topic || count(room.memberCount, 'member')}
        </p>
      </div>
      {onSettings && (
        <IconButton label="Room settings" onClick={onSettings}>
          <Settings2 size={19} aria-hidden />
        </IconButton>
      )}
      {!direct && (
        <IconButton
          label={count(room.memberCount, 'member')}
          aria-expanded={membersShown}
          className="gap-1.5 px-2 aria-expanded:bg-hover aria-expanded:text-ink"
          onClick={onMembers}
        >
          <Users size={19} aria-hidden />
          <span className="text-sm font-medium tabular-nums">{room.memberCount}</span>
        </IconButton>
      )}
    </header>
  );
}
