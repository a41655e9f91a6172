import { Plus, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button } from '../ui/Button.tsx';
import { Select } from '../ui/Select.tsx';
import { languageName, offeredLanguages } from '../lib/language-names.ts';

const MOST = 10;

interface Props {
  languages: readonly string[];
  onChange: (languages: readonly string[]) => void;
  /** How many there may be. */
  most?: number;
}

/** The languages one speaks, the best first. */
export function LanguagesField({ languages, onChange, most = MOST }: Props) {
  const [chosen, setChosen] = useState('');
  const choice = useRef<HTMLSelectElement>(null);
  const offered = offeredLanguages().filter(([tag]) => !languages.includes(tag));

  // The button that was pressed may be gone or off afterwards: the keyboard goes on from here.
  function change(next: readonly string[]) {
    onChange(next);
    setChosen('');
    choice.current?.focus();
  }

  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">Languages</legend>
      {languages.length > 0 && (
        <ul aria-label="Languages you speak" className="mb-2 flex flex-wrap gap-2">
          {languages.map((tag) => (
            <li key={tag} className="flex items-center gap-1 rounded-lg bg-hover py-1 pr-1 pl-3">
              {languageName(tag)}
              <button
                type="button"
                aria-label={`Remove ${languageName(tag)}`}
                className="flex size-6 items-center justify-center rounded-md text-muted hover:text-ink"
                onClick={() => change(languages.filter((other) => other !== tag))}
              >
                <X size={15} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      {languages.length < most && (
        <div className="flex items-end gap-2">
          <Select
            ref={choice}
            label="Add a language"
            className="min-w-0 flex-1"
            value={chosen}
            options={[['', 'Choose…'], ...offered]}
            onChange={(event) => setChosen(event.target.value)}
          />
          <Button className="h-11" disabled={chosen === ''} onClick={() => change([...languages, chosen])}>
            <Plus size={17} aria-hidden />
            Add
          </Button>
        </div>
      )}
    </fieldset>
  );
}
