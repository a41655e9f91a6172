import type { RoomView } from '@confab/sdk';
import { Archive, MessageCircleDashed, Search } from 'lucide-react';
import { useState } from 'react';
import { useClient } from '../lib/client.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { SearchField } from '../ui/Field.tsx';
import { Link } from '../ui/Link.tsx';
import { RoomItem } from './RoomItem.tsx';

interface Props {
  currentId: string | null;
  threadId: string | null;
}

/** My conversations: favourites, the others with the newest first, and the threads I follow. */
export function RoomList({ currentId, threadId }: Props) {
  const rooms = useClient((client) => client.rooms);
  const threads = useClient((client) => client.threads);
  const loaded = useClient((client) => client.status === 'online');
  const mayBegin = useClient((client) => client.may('createRoom'));
  const [filter, setFilter] = useState('');
  const [archived, setArchived] = useState(false);
  const wanted = filter.trim().toLowerCase();
  const found = (views: readonly RoomView[]) =>
    wanted === '' ? views : views.filter((view) => view.title.toLowerCase().includes(wanted));
  const present = found(rooms.filter((view) => !view.isArchived));
  const old = found(rooms.filter((view) => view.isArchived));
  const sections = [
    ['Favourites', present.filter((view) => view.me.favourite)],
    ['Conversations', present.filter((view) => !view.me.favourite)],
    ['Threads', found(threads.filter((view) => !view.isArchived))],
    ['Archived', archived || wanted !== '' || old.some(({ id }) => id === currentId) ? old : []],
  ] as const;
  const shown = sections.filter(([, views]) => views.length > 0);

  return (
    <>
      {(rooms.length > 0 || filter !== '') && (
        <div className="px-3 pb-2">
          <SearchField
            label="Filter conversations"
            icon={<Search size={17} aria-hidden />}
            autoComplete="off"
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
        </div>
      )}
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        {shown.map(([title, views]) => (
          <section key={title} aria-label={title}>
            {(shown.length > 1 || title !== 'Conversations') && (
              <h2 className="px-3 pt-3 pb-1 text-xs font-semibold text-muted">{title}</h2>
            )}
            <ul>
              {views.map((view) => (
                <RoomItem
                  key={view.id}
                  view={view}
                  current={threadId === null ? view.id === currentId : view.id === threadId}
                />
              ))}
            </ul>
          </section>
        ))}
        {old.length > 0 && wanted === '' && (
          <Button look="quiet" className="mt-1 w-full text-sm" onClick={() => setArchived(!archived)}>
            <Archive size={15} aria-hidden />
            {archived ? 'Hide archived' : `Show archived (${old.length})`}
          </Button>
        )}
        {shown.length === 0 && wanted !== '' && (
          <p className="px-6 py-10 text-center text-muted">No conversation is called “{filter.trim()}”.</p>
        )}
        {rooms.length === 0 && loaded && (
          <EmptyState icon={<MessageCircleDashed size={26} />} title="No conversations yet" level="h2">
            {mayBegin ? (
              'Create a room, or write to someone with the buttons above.'
            ) : (
              <>
                <Link to="/lounges">Rooms that anyone may join</Link> are in the lounges.
              </>
            )}
          </EmptyState>
        )}
      </div>
    </>
  );
}
