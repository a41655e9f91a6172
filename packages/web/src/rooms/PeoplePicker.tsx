import type { PublicUser } from '@confab/sdk';
import { X } from 'lucide-react';
import { PeopleSearch } from './PeopleSearch.tsx';

interface Props {
  chosen: readonly PublicUser[];
  onChange: (chosen: readonly PublicUser[]) => void;
  isExcluded?: (userId: string) => boolean;
}

/** Choose several people. */
export function PeoplePicker({ chosen, onChange, isExcluded = () => false }: Props) {
  return (
    <div>
      {chosen.length > 0 && (
        <ul aria-label="Chosen" className="mb-2 flex flex-wrap gap-1.5">
          {chosen.map((user) => (
            <li
              key={user.id}
              className="flex max-w-full items-center rounded-full bg-accent-soft pl-3 text-sm font-medium"
            >
              <span className="truncate">{user.name}</span>
              <button
                type="button"
                aria-label={`Remove ${user.name}`}
                className="flex size-7 items-center justify-center rounded-full text-muted hover:text-ink"
                onClick={() => onChange(chosen.filter((other) => other.id !== user.id))}
              >
                <X size={14} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      <PeopleSearch
        onPick={(user) => onChange([...chosen, user])}
        isExcluded={(id) => isExcluded(id) || chosen.some((user) => user.id === id)}
      />
    </div>
  );
}
