import type { Room } from '@confab/sdk';
import { useCallback } from 'react';
import { client } from '../lib/client.ts';
import { usePages } from '../lib/usePages.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Section } from '../ui/Section.tsx';
import { learnRooms } from './places.ts';
import { RoomRow } from './RoomRow.tsx';
import type { Scope } from './scope.ts';

interface Props {
  scope: Scope;
  /** Of lounges: they are listed there. */
  known: ReadonlySet<string>;
  /** The room as it is now. */
  latest: (room: Room) => Room;
  onModerate: (room: Room) => void;
}

/** The rooms that one is in and moderates, and for moderators of the instance every public one. */
export function OtherRooms({ scope, known, latest, onModerate }: Props) {
  const { instance } = scope;
  const { items, problem, retry, more } = usePages(
    useCallback(
      async (cursor?: string) => {
        if (!instance) return { items: [], nextCursor: null };
        const { rooms, nextCursor } = await client.publicRooms({ limit: 50, ...(cursor !== undefined && { cursor }) });
        const items = rooms.map(({ room }) => room);
        learnRooms(items);
        return { items, nextCursor };
      },
      [instance],
    ),
  );
  const mine = scope.rooms.map(({ room }) => room).filter(({ id }) => !known.has(id));
  const others = (items ?? []).filter(({ id }) => !known.has(id) && !mine.some((room) => room.id === id));
  const all = [...mine, ...others];
  // Without the lounges above there are no others.
  const title = instance ? 'Other rooms' : 'Your rooms';
  return (
    <Section
      title={title}
      note={
        instance ? 'Those that you are in and moderate, and all public ones.' : 'Those that you are in and moderate.'
      }
    >
      <Alert onRetry={retry}>{problem}</Alert>
      <ul aria-label={title}>
        {all.map((room) => (
          <RoomRow
            key={room.id}
            room={latest(room)}
            title={room.name ?? '…'}
            onModerate={() => onModerate(latest(room))}
          />
        ))}
      </ul>
      {items !== null && all.length === 0 && <p className="text-muted">None.</p>}
      {more && (
        <Button look="quiet" className="w-full" onClick={more}>
          Show more
        </Button>
      )}
    </Section>
  );
}
