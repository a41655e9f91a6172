import type { ListedRoom, Room } from '@confab/sdk';
import type { ReactNode } from 'react';
import { useClient } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { languageName } from '../lib/language-names.ts';
import { roomPath } from '../lib/router.ts';
import { count } from '../lib/words.ts';
import { Badge } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { Link } from '../ui/Link.tsx';
import { SLOW_MODES } from './words.ts';

interface Props {
  room: Room | ListedRoom;
  title: string;
  /** Members who are connected, where that is known. */
  present?: number;
  /** Beside the button that is for all moderators. */
  actions?: ReactNode;
  onModerate: () => void;
}

const UNKNOWN = { hold: [], raidUntil: null };

/** A room, and how it is moderated. */
export function RoomRow({ room, title, present, actions, onModerate }: Props) {
  const now = useNow();
  const mine = useClient((known) => known.rooms.find(({ id }) => id === room.id));
  const { slowMode, readOnly, lockedAt } = room.moderation;
  // The list of lounges leaves them out.
  const { hold, raidUntil } = 'hold' in room.moderation ? room.moderation : (mine?.room.moderation ?? UNKNOWN);
  const slow = SLOW_MODES.find(([value]) => value === String(slowMode))?.[1] ?? count(slowMode, 'second');
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b py-2.5 last:border-b-0">
      <div className="min-w-0 flex-1 basis-48">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          {mine ? <Link to={roomPath(room.id)}>{title}</Link> : <span className="font-medium">{title}</span>}
          {room.archivedAt !== null && <Badge>Archived</Badge>}
          {raidUntil !== null && raidUntil > now && <Badge look="bad">Raid</Badge>}
          {lockedAt !== null && <Badge look="warn">Locked</Badge>}
          {readOnly && <Badge look="warn">Read-only</Badge>}
          {hold.length > 0 && <Badge look="warn">Holds messages</Badge>}
          {slowMode > 0 && <Badge look="warn">Slow: {slow.toLowerCase()}</Badge>}
        </p>
        <p className="text-sm text-muted">
          {room.lounge && `${languageName(room.lounge.language)} · `}
          {room.lounge
            ? `${room.memberCount.toLocaleString()} of ${room.lounge.capacity.toLocaleString()} places`
            : count(room.memberCount, 'member')}
          {present !== undefined && ` · ${present.toLocaleString()} there now`}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button small aria-label={`Moderate ${title}…`} onClick={onModerate}>
          Moderate…
        </Button>
        {actions}
      </div>
    </li>
  );
}
