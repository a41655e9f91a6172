import { CalendarClock, ChartColumn, ChevronDown, Plus, Smile } from 'lucide-react';
import { useRef, useState } from 'react';
import { EmojiPicker } from '../reactions/EmojiPicker.tsx';
import { MenuButton } from '../ui/Menu.tsx';

interface AddProps {
  onEmoji: (emoji: string) => void;
  onPoll: () => void;
}

/** What can be put into a message beside typing. */
export function AddMenu({ onEmoji, onPoll }: AddProps) {
  const [anchor, setAnchor] = useState<DOMRect | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const groups = [
    [
      { label: 'Poll…', icon: <ChartColumn size={17} />, onSelect: onPoll },
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
    </div>
  );
}

/** Other ways to send what is written. */
export function SendMenu({ onLater }: { onLater: () => void }) {
  const groups = [[{ label: 'Send later…', icon: <CalendarClock size={17} />, onSelect: onLater }]];
  return (
    <MenuButton label="More ways to send" groups={groups} className="min-w-8!">
      <ChevronDown size={17} aria-hidden />
    </MenuButton>
  );
}
