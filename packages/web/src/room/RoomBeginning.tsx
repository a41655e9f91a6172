import type { Room } from '@confab/sdk';
import { useUser } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { dayTitle } from '../lib/time.ts';
import { Avatar } from '../ui/Avatar.tsx';

interface Props {
  room: Room;
  peerId: string | null;
  title: string;
}

/** Stands above the first message. */
export function RoomBeginning({ room, peerId, title }: Props) {
  const now = useNow();
  const creator = useUser(room.createdBy);
  return (
    <li className="px-4 pt-10 pb-2 sm:px-6">
      <Avatar id={peerId ?? room.id} name={title} size="xl" shape={peerId === null ? 'room' : 'person'} />
      <h2 className="mt-4 text-xl font-semibold break-words">{title}</h2>
      <p className="mt-1 text-muted">
        {room.kind === 'direct' || room.kind === 'match'
          ? `This is the beginning of your conversation with ${title}.`
          : room.kind === 'language'
            ? 'A room of a lounge: whoever comes by may talk here.'
            : `${creator?.name ?? 'Someone'} created this room · ${dayTitle(room.createdAt, now)}. This is its beginning.`}
      </p>
    </li>
  );
}
