import { AtSign, Slash } from 'lucide-react';
import { Avatar } from '../ui/Avatar.tsx';
import { classes } from '../ui/classes.ts';
import type { Suggestion } from './useMentionables.ts';

interface Props {
  id: string;
  suggestions: readonly Suggestion[];
  current: number;
  onPick: (suggestion: Suggestion) => void;
}

export const optionId = (listId: string, index: number) => `${listId}-${index}`;

/** Above the composer: what can be put in the place of what is being typed. */
export function SuggestionList({ id, suggestions, current, onPick }: Props) {
  return (
    <div
      id={id}
      role="listbox"
      aria-label="Suggestions"
      className="absolute inset-x-0 bottom-full z-3 mb-2 max-h-72 animate-rise overflow-y-auto rounded-xl border bg-raised p-1 shadow-pop"
    >
      {suggestions.map((suggestion, index) => (
        <button
          key={suggestion.key}
          id={optionId(id, index)}
          type="button"
          role="option"
          tabIndex={-1}
          aria-selected={index === current}
          ref={index === current ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
          // The text keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onPick(suggestion)}
          className={classes(
            'flex w-full items-center gap-3 rounded-lg px-2 py-1.5 text-left',
            index === current ? 'bg-hover' : 'hover:bg-hover',
          )}
        >
          {suggestion.user ? (
            <Avatar id={suggestion.user.id} name={suggestion.user.name} />
          ) : (
            <span
              className="flex size-7 items-center justify-center rounded-full bg-accent-soft text-accent"
              aria-hidden
            >
              {suggestion.insert.startsWith('/') ? <Slash size={14} /> : <AtSign size={15} />}
            </span>
          )}
          <span className="shrink-0 font-medium">{suggestion.label}</span>
          <span className="truncate text-sm text-muted">{suggestion.detail}</span>
        </button>
      ))}
    </div>
  );
}
