import type { PublicUser } from '@confab/sdk';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useId, useState } from 'react';
import { Avatar } from '../ui/Avatar.tsx';
import { classes } from '../ui/classes.ts';
import { SearchField } from '../ui/Field.tsx';
import { usePeopleSearch } from './usePeopleSearch.ts';

interface Props {
  onPick: (user: PublicUser) => void;
  isExcluded: (userId: string) => boolean;
}

/** Find a person by name or username: a combobox as ARIA has it, whose list is open as long as there is somebody in it. */
export function PeopleSearch({ onPick, isExcluded }: Props) {
  const [query, setQuery] = useState('');
  const [index, setIndex] = useState(0);
  const listId = useId();
  const { people, note } = usePeopleSearch(query);
  const shown = people.filter((user) => !isExcluded(user.id));
  const current = shown[Math.min(index, shown.length - 1)];

  function pick(user: PublicUser) {
    onPick(user);
    setQuery('');
    setIndex(0);
  }

  function onKeyDown(event: KeyboardEvent) {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && shown.length > 0)
      setIndex((Math.min(index, shown.length - 1) + step + shown.length) % shown.length);
    else if (event.key === 'Enter' && current) pick(current);
    else return;
    event.preventDefault();
  }

  return (
    <div>
      <SearchField
        label="Search people by name or username"
        icon={<Search size={17} aria-hidden />}
        role="combobox"
        aria-expanded={shown.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={current ? `${listId}-${current.id}` : undefined}
        autoComplete="off"
        autoFocus
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setIndex(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="mt-2 h-56 overflow-y-auto">
        <div id={listId} role="listbox" aria-label="People" hidden={shown.length === 0}>
          {shown.map((user) => (
            <button
              type="button"
              tabIndex={-1}
              key={user.id}
              id={`${listId}-${user.id}`}
              role="option"
              aria-selected={user === current}
              ref={user === current ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
              // The field keeps the focus.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => pick(user)}
              className={classes(
                'flex w-full items-center gap-3 rounded-lg px-2 py-1.5 text-left',
                user === current ? 'bg-hover' : 'hover:bg-hover',
              )}
            >
              <Avatar id={user.id} name={user.name} />
              <span className="min-w-0">
                <span className="block truncate font-medium">{user.name}</span>
                <span className="block truncate text-sm text-muted">@{user.username}</span>
              </span>
            </button>
          ))}
        </div>
        {shown.length === 0 && note !== null && (
          <p role="status" className="px-2 py-8 text-center text-muted">
            {note}
          </p>
        )}
      </div>
    </div>
  );
}
