import { Plus, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { LONGEST_INTEREST, MOST_INTERESTS } from './wishes.ts';

interface Props {
  interests: readonly string[];
  onChange: (interests: readonly string[]) => void;
}

/** What one would like to talk about. */
export function InterestsField({ interests, onChange }: Props) {
  const [typed, setTyped] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const wanted = typed.trim().toLowerCase();

  function add() {
    if (wanted !== '' && !interests.includes(wanted)) onChange([...interests, wanted]);
    setTyped('');
    field.current?.focus();
  }

  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">Interests</legend>
      {interests.length > 0 && (
        <ul aria-label="Your interests" className="mb-2 flex flex-wrap gap-2">
          {interests.map((interest) => (
            <li key={interest} className="flex max-w-full items-center gap-1 rounded-lg bg-hover py-1 pr-1 pl-3">
              <span className="truncate">{interest}</span>
              <button
                type="button"
                aria-label={`Remove ${interest}`}
                className="flex size-6 shrink-0 items-center justify-center rounded-md text-muted hover:text-ink"
                onClick={() => {
                  onChange(interests.filter((other) => other !== interest));
                  field.current?.focus();
                }}
              >
                <X size={15} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      {interests.length < MOST_INTERESTS && (
        <div className="flex items-end gap-2">
          <Field
            ref={field}
            label="Add an interest"
            className="min-w-0 flex-1"
            autoComplete="off"
            placeholder="Music, hiking, films…"
            maxLength={LONGEST_INTEREST}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.nativeEvent.isComposing || wanted === '') return;
              event.preventDefault();
              add();
            }}
          />
          <Button className="h-11" disabled={wanted === ''} onClick={add}>
            <Plus size={17} aria-hidden />
            Add
          </Button>
        </div>
      )}
    </fieldset>
  );
}
