import { EMOJI } from './emoji.ts';

/** Emoji whose words begin with what is typed. */
export function EmojiGrid({ query, onPick }: { query: string; onPick: (emoji: string) => void }) {
  const wanted = query.trim().toLowerCase();
  const shown = EMOJI.filter(
    ([emoji, words]) => emoji === wanted || words.split(' ').some((word) => word.startsWith(wanted)),
  );
  if (shown.length === 0) return <p className="py-8 text-center text-muted">No emoji found.</p>;
  return (
    <div className="grid grid-cols-8">
      {shown.map(([emoji, words]) => (
        <button
          key={emoji}
          type="button"
          title={words}
          aria-label={`${emoji} ${words}`}
          className="flex size-10 items-center justify-center rounded-lg text-xl hover:bg-hover"
          onClick={() => onPick(emoji)}
        >
          {emoji}
        </button>
      ))}
    </div>
  );
}
