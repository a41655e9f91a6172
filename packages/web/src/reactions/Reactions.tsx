import type { Message } from '@confab/sdk';
import { SmilePlus } from 'lucide-react';
import { client, useClient } from '../lib/client.ts';
import { names } from '../lib/words.ts';
import { classes } from '../ui/classes.ts';

interface Props {
  reactions: NonNullable<Message['reactions']>;
  myId: string;
  /** null where the person may not. */
  onToggle: ((emoji: string, on: boolean) => void) | null;
  onAdd: (anchor: DOMRect) => void;
}

/** Who reacted with what; a click adds or takes back mine. */
export function Reactions({ reactions, myId, onToggle, onAdd }: Props) {
  useClient((known) => known.version);
  return (
    <ul aria-label="Reactions" className="mt-1 flex flex-wrap gap-1">
      {reactions.map(({ emoji, count, userIds }) => {
        const mine = userIds.includes(myId);
        const who = whoText(userIds, count, myId);
        return (
          <li key={emoji}>
            <button
              type="button"
              title={who}
              aria-label={`${emoji} ${count}: ${who}`}
              aria-pressed={mine}
              disabled={onToggle === null}
              onClick={() => onToggle?.(emoji, !mine)}
              className={classes(
                'flex h-7 items-center gap-1.5 rounded-full border px-2 text-sm tabular-nums transition-colors',
                mine ? 'border-accent bg-accent-soft font-semibold text-accent' : 'bg-surface hover:bg-hover',
              )}
            >
              <span className="text-base leading-none">{emoji}</span>
              {count}
            </button>
          </li>
        );
      })}
      {onToggle && (
        <li>
          <button
            type="button"
            title="Add a reaction"
            aria-label="Add a reaction"
            className="flex h-7 items-center rounded-full border border-transparent px-2 text-muted hover:border-line hover:bg-hover hover:text-ink"
            onClick={(event) => onAdd(event.currentTarget.getBoundingClientRect())}
          >
            <SmilePlus size={16} aria-hidden />
          </button>
        </li>
      )}
    </ul>
  );
}

function whoText(userIds: readonly string[], count: number, myId: string): string {
  const people = userIds.map((id) => (id === myId ? 'You' : (client.userById(id)?.name ?? '…')));
  const listed = people.length === count ? people : [...people, ...Array<string>(count - people.length).fill('…')];
  return names(listed, 10);
}
