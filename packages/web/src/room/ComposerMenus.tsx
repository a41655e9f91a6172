import type { LiveRoom } from '@confab/sdk';
import { CalendarClock, ChartColumn, ChevronDown, Plus, Smile } from 'lucide-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { EmojiPicker } from '../reactions/EmojiPicker.tsx';
import { MenuButton } from '../ui/Menu.tsx';

const PollDialog = lazy(async () => ({ default: (await import('../polls/PollDialog.tsx')).PollDialog }));
const ScheduleDialog = lazy(async () => ({
  default: (await import('../scheduled/ScheduleDialog.tsx')).ScheduleDialog,
}));

/** What can be put into a message beside typing. */
export function AddMenu({ room, onEmoji }: { room: LiveRoom; onEmoji: (emoji: string) => void }) {
  const [polling, setPolling] = useState(false);
  const [anchor, setAnchor] = useState<DOMRect | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const groups = [
    [
      { label: 'Poll…', icon: <ChartColumn size={17} />, onSelect: () => setPolling(true) },
      {
        label: 'Emoji…',
        icon: <Smile size={17} />,
        onSelect: () => setAnchor(place.current?.getBoundingClientRect() ?? null),
      },
    ],
  ];
  return (
    <div ref={place}>
      <MenuButton label="Add" groups={groups}>
        <Plus size={20} aria-hidden />
      </MenuButton>
      {anchor && <EmojiPicker anchor={anchor} onPick={onEmoji} onClose={() => setAnchor(null)} />}
      {polling && (
        <Suspense fallback={null}>
          <PollDialog room={room} onClose={() => setPolling(false)} />
        </Suspense>
      )}
    </div>
  );
}

interface SendProps {
  room: LiveRoom;
  body: string;
  replyTo: string | null;
  onScheduled: () => void;
}

/** Other ways to send what is written. */
export function SendMenu({ room, body, replyTo, onScheduled }: SendProps) {
  const [scheduling, setScheduling] = useState(false);
  const groups = [[{ label: 'Send later…', icon: <CalendarClock size={17} />, onSelect: () => setScheduling(true) }]];
  return (
    <>
      <MenuButton label="More ways to send" groups={groups} className="min-w-8!">
        <ChevronDown size={17} aria-hidden />
      </MenuButton>
      {scheduling && (
        <Suspense fallback={null}>
          <ScheduleDialog
            room={room}
            body={body}
            replyTo={replyTo}
            onScheduled={onScheduled}
            onClose={() => setScheduling(false)}
          />
        </Suspense>
      )}
    </>
  );
}
