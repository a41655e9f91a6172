import type { LiveRoom, RoomState } from '@confab/sdk';
import { Pin, PinOff } from 'lucide-react';
import { useCallback } from 'react';
import { attempt } from '../lib/attempt.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { Alert } from '../ui/Alert.tsx';
import { IconButton } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { SidePanel } from '../ui/SidePanel.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { MessageCard } from './MessageCard.tsx';
import { may, seatOf } from './rights.ts';

interface Props {
  room: LiveRoom;
  state: RoomState;
  onShow: (n: number) => void;
  onClose: () => void;
}

/** What is pinned in a room, the newest pin first. */
export function PinsPanel({ room, state, onShow, onClose }: Props) {
  // Pinning is said in the room, unpinning changes a message: either moves on the room's rev.
  const { rev } = state.room;
  const { data: pins, problem } = useLoaded(
    // oxlint-disable-next-line react/exhaustive-deps
    useCallback(() => room.pins(), [room, rev]),
  );
  const unpinnable = may('pin', seatOf(state));
  return (
    <SidePanel label="Pinned messages" title="Pinned messages" onClose={onClose}>
      <div className="min-h-0 flex-1 overflow-y-auto p-2">
        <Alert>{problem}</Alert>
        {pins === null && problem === null && <Spinner label="Loading" />}
        <ul aria-label="Pinned messages">
          {pins?.map((message) => (
            <MessageCard
              key={message.id}
              message={message}
              inRoom
              onShow={() => onShow(message.n)}
              action={
                unpinnable && (
                  <IconButton label="Unpin" small onClick={() => attempt(room.unpin(message.id))}>
                    <PinOff size={16} aria-hidden />
                  </IconButton>
                )
              }
            />
          ))}
        </ul>
        {pins?.length === 0 && (
          <EmptyState icon={<Pin size={24} />} title="Nothing is pinned" level="h2">
            Pin what everyone should find again.
          </EmptyState>
        )}
      </div>
    </SidePanel>
  );
}
