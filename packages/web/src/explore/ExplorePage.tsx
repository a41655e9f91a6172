import { Compass, Search } from 'lucide-react';
import { useCallback, useState } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { navigate, roomPath } from '../lib/router.ts';
import { usePages } from '../lib/usePages.ts';
import { usePaused } from '../lib/usePaused.ts';
import { count } from '../lib/words.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { SearchField } from '../ui/Field.tsx';
import { PagedList } from '../ui/PagedList.tsx';
import { SubPage } from '../ui/SubPage.tsx';

/** Public rooms, to look around and join. */
export function ExplorePage() {
  const [typed, setTyped] = useState('');
  const q = usePaused(typed.trim());
  const { items, problem, retry, more } = usePages(
    useCallback(
      async (cursor?: string) => {
        const page = await client.publicRooms({ ...(q !== '' && { q }), ...(cursor !== undefined && { cursor }) });
        return { items: page.rooms, nextCursor: page.nextCursor };
      },
      [q],
    ),
  );

  return (
    <SubPage
      title="Explore"
      head={
        <div className="mx-auto max-w-3xl">
          <SearchField
            label="Find public rooms"
            icon={<Search size={17} aria-hidden />}
            autoComplete="off"
            maxLength={60}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
      }
    >
      <PagedList
        label="Public rooms"
        items={
          items?.map(({ room, joined }) => (
            <li key={room.id} className="flex items-center gap-3 rounded-xl px-3 py-2.5 hover:bg-hover">
              <Avatar id={room.id} name={room.name ?? '…'} size="lg" shape="room" />
              <div className="min-w-0 flex-1">
                <p className="truncate font-semibold">{room.name}</p>
                <p className="truncate text-sm text-muted">
                  {count(room.memberCount, 'member')}
                  {room.topic !== '' && ` · ${room.topic}`}
                </p>
              </div>
              {joined ? (
                <Button aria-label={`Open ${room.name ?? ''}`} onClick={() => navigate(roomPath(room.id))}>
                  Open
                </Button>
              ) : (
                <Button
                  look="primary"
                  aria-label={`Join ${room.name ?? ''}`}
                  onClick={() => attempt(client.joinRoom(room.id).then(() => navigate(roomPath(room.id))))}
                >
                  Join
                </Button>
              )}
            </li>
          )) ?? null
        }
        problem={problem}
        onRetry={retry}
        more={more}
        empty={
          <EmptyState icon={<Compass size={26} />} title="No public rooms found" level="h2">
            Create one: “Anyone can find and join it” makes a room public.
          </EmptyState>
        }
      />
    </SubPage>
  );
}
