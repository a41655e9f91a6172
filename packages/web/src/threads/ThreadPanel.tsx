import type { LiveRoom, OutboxItem, RoomState } from '@confab/sdk';
import { BellOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Announcer } from '../app/Announcer.tsx';
import { attempt } from '../lib/attempt.ts';
import { client, useLiveRoom, useUser } from '../lib/client.ts';
import { clockTime, exactTime } from '../lib/time.ts';
import { Conversation } from '../room/Conversation.tsx';
import { MessageBody } from '../room/MessageBody.tsx';
import { useOpenRoom } from '../room/useOpenRoom.ts';
import { useQuoted } from '../room/useQuoted.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { Button } from '../ui/Button.tsx';
import { SidePanel } from '../ui/SidePanel.tsx';
import { Spinner } from '../ui/Spinner.tsx';

interface Props {
  threadId: string;
  /** Of the room it hangs on. */
  title: string;
  /** Goes to the message it is about. */
  onShow: (n: number) => void;
  onClose: () => void;
}

/** A side conversation about a message, beside its room. Opening it follows it. */
export function ThreadPanel({ threadId, title, onShow, onClose }: Props) {
  const { room, state, pending } = useLiveRoom(threadId);
  const opening = useOpenRoom(room, null);
  const missing = opening === 'missing' || state?.gone === true;
  const [refused, setRefused] = useState(false);

  // Someone sent the address to a person who does not follow it yet.
  useEffect(() => {
    if (missing) client.joinRoom(threadId).catch(() => setRefused(true));
  }, [missing, threadId]);

  const known = state !== null && !state.gone ? state : null;
  return (
    <SidePanel label="Thread" title="Thread" note={title} wide onClose={onClose}>
      {known ? (
        <Thread room={room} state={known} pending={pending} onShow={onShow} onClose={onClose} />
      ) : (
        <div className="flex flex-1 items-center justify-center p-8 text-center text-muted">
          {refused ? 'This thread isn’t here any more.' : <Spinner label="Opening the thread" />}
        </div>
      )}
    </SidePanel>
  );
}

interface ThreadProps extends Pick<Props, 'onShow' | 'onClose'> {
  room: LiveRoom;
  state: RoomState;
  pending: readonly OutboxItem[];
}

function Thread({ room, state, pending, onShow, onClose }: ThreadProps) {
  const { parent } = state.room;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <Conversation
        room={room}
        state={state}
        pending={pending}
        title="the thread"
        beginning={
          <li className="px-4 pt-4 pb-2 sm:px-6">
            {parent && <Subject parent={parent} onShow={onShow} />}
            <Button
              look="quiet"
              className="mt-1 -ml-2 h-8 px-2 text-sm"
              onClick={() => attempt(room.leave().then(onClose))}
            >
              <BellOff size={15} aria-hidden />
              Stop following
            </Button>
          </li>
        }
        target={null}
      />
      <Announcer roomId={room.id} myId={state.me.userId} />
    </div>
  );
}

function Subject({
  parent,
  onShow,
}: {
  parent: NonNullable<RoomState['room']['parent']>;
  onShow: (n: number) => void;
}) {
  const room = client.room(parent.roomId);
  const message = useQuoted(room, parent.messageId);
  const sender = useUser(message?.senderId ?? null);
  if (!message) return message === undefined ? <p className="text-muted">The message is gone.</p> : null;
  return (
    <article aria-label="The message it is about" className="rounded-xl bg-surface p-3">
      <div className="mb-2 flex items-center gap-3">
        <Avatar id={message.senderId} name={sender?.name ?? '…'} />
        <div className="min-w-0">
          <p className="truncate font-semibold">{sender?.name ?? '…'}</p>
          <button
            type="button"
            className="block text-xs text-muted underline-offset-2 hover:underline"
            title={exactTime(message.createdAt)}
            onClick={() => onShow(message.n)}
          >
            {clockTime(message.createdAt)} · Show in the room
          </button>
        </div>
      </div>
      <MessageBody message={message} room={room} />
    </article>
  );
}
