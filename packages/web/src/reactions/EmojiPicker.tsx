import { Search } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { SearchField } from '../ui/Field.tsx';
import { Popover } from '../ui/Popover.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { recentEmoji, rememberEmoji } from './recent.ts';

const EmojiGrid = lazy(async () => ({ default: (await import('./EmojiGrid.tsx')).EmojiGrid }));

interface Props {
  anchor: DOMRect;
  onPick: (emoji: string) => void;
  onClose: () => void;
}

/** Choose one emoji: of those used last, or found by a word. */
export function EmojiPicker({ anchor, onPick, onClose }: Props) {
  const [query, setQuery] = useState('');
  const [recent] = useState(recentEmoji);

  function pick(emoji: string) {
    rememberEmoji(emoji);
    onClose();
    onPick(emoji);
  }

  return (
    <Popover role="dialog" aria-label="Choose an emoji" anchor={anchor} onClose={onClose} className="w-[21.5rem] p-2">
      <div role="group" aria-label="Recent" className="mb-2 flex justify-between border-b pb-2">
        {recent.map((emoji, index) => (
          <button
            key={emoji}
            type="button"
            aria-label={emoji}
            data-autofocus={index === 0 || undefined}
            className="flex size-9 items-center justify-center rounded-lg text-xl hover:bg-hover"
            onClick={() => pick(emoji)}
          >
            {emoji}
          </button>
        ))}
      </div>
      <SearchField
        label="Search emoji"
        icon={<Search size={17} aria-hidden />}
        autoComplete="off"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      <div className="mt-2 h-52 overflow-y-auto">
        <Suspense fallback={<Spinner label="Loading emoji" />}>
          <EmojiGrid query={query} onPick={pick} />
        </Suspense>
      </div>
    </Popover>
  );
}
