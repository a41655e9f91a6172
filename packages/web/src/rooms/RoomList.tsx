import { MessageCircleDashed, Search } from 'lucide-react';
import { useState } from 'react';
import { useClient } from '../lib/client.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { SearchField } from '../ui/Field.tsx';
import { RoomItem } from './RoomItem.tsx';

/** My conversations, the newest first. */
export function RoomList({ currentId }: { currentId: string | null }) {
  const rooms = useClient((client) => client.rooms);
  const loaded = useClient((client) => client.status === 'online');
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const shown = wanted === '' ? rooms : rooms.filter((room) => room.title.toLowerCase().includes(wanted));

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
        <ul aria-label="Conversations">
          {shown.map((view) => (
            <RoomItem key={view.id} view={view} current={view.id === currentId} />
          ))}
        </ul>
        {shown.length === 0 && wanted !== '' && (
          <p className="px-6 py-10 text-center text-muted">No conversation is called “{filter.trim()}”.</p>
        )}
        {rooms.length === 0 && loaded && (
          <EmptyState icon={<MessageCircleDashed size={26} />} title="No conversations yet" level="h2">
            Create a room, or write to someone with the buttons above.
          </EmptyState>
        )}
      </div>
    </>
  );
}
