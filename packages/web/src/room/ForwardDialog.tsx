import type { LiveRoom, Message, RoomView } from '@confab/sdk';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { useClient } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { navigate, roomPath } from '../lib/router.ts';
import { Alert } from '../ui/Alert.tsx';
import { Avatar } from '../ui/Avatar.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { SearchField } from '../ui/Field.tsx';
import { plainText } from './markdown.ts';

interface Props {
  room: LiveRoom;
  message: Message;
  onClose: () => void;
}

/** Passes a message on to another conversation, and goes there. */
export function ForwardDialog({ room, message, onClose }: Props) {
  const rooms = useClient((client) => client.rooms);
  const [filter, setFilter] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const wanted = filter.trim().toLowerCase();
  const shown = rooms.filter((view) => !view.isArchived && view.title.toLowerCase().includes(wanted));

  function forwardTo(view: RoomView) {
    try {
      room.forward(message, view.id);
      onClose();
      navigate(roomPath(view.id));
    } catch (thrown) {
      setProblem(messageOf(thrown));
    }
  }

  return (
    <Dialog title="Forward to" onClose={onClose}>
      <Alert>{problem}</Alert>
      <p className="mb-4 line-clamp-3 rounded-lg bg-surface px-3 py-2.5 break-words">{plainText(message.body)}</p>
      <SearchField
        label="Find a conversation"
        icon={<Search size={17} aria-hidden />}
        autoComplete="off"
        autoFocus
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
      />
      <ul aria-label="Conversations" className="mt-2 h-64 overflow-y-auto">
        {shown.map((view) => (
          <li key={view.id}>
            <button
              type="button"
              className="flex w-full items-center gap-3 rounded-lg px-2 py-1.5 text-left hover:bg-hover"
              onClick={() => forwardTo(view)}
            >
              <Avatar
                id={view.peer?.id ?? view.id}
                name={view.title}
                shape={view.room.kind === 'direct' ? 'person' : 'room'}
              />
              <span className="truncate font-medium">{view.title}</span>
            </button>
          </li>
        ))}
        {shown.length === 0 && <li className="py-8 text-center text-muted">No conversation is called that.</li>}
      </ul>
    </Dialog>
  );
}
