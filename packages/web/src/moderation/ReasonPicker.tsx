import { useId, useState } from 'react';
import { textOf } from '../lib/problems.ts';
import { Field } from '../ui/Field.tsx';
import { REASONS } from './words.ts';

interface Props {
  /** Offered before the others, such as the reason of a rule. */
  first?: string | undefined;
  /** Instead of the usual ones. */
  choices?: readonly string[];
  error?: string | undefined;
}

/** Why, for the person concerned to read: one of a few sentences, or one's own. Read by `reasonOf`. */
export function ReasonPicker({ first = '', choices = REASONS, error }: Props) {
  const all = first === '' ? choices : [first, ...choices.filter((reason) => reason !== first)];
  const [chosen, setChosen] = useState<string>(all[0] ?? '');
  const id = useId();
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">Reason</legend>
      <div className="space-y-0.5">
        {[...all, ''].map((reason, index) => (
          <label key={reason} className="flex items-start gap-2.5 rounded-md py-1">
            <input
              type="radio"
              name="chosen"
              value={reason}
              checked={chosen === reason}
              data-autofocus={index === 0 || undefined}
              aria-describedby={index === 0 ? `${id}-told` : undefined}
              className="mt-0.5 size-4 shrink-0"
              onChange={() => setChosen(reason)}
            />
            <span className="min-w-0 break-words">{reason === '' ? 'In my own words' : reason}</span>
          </label>
        ))}
      </div>
      {chosen === '' && (
        <Field
          label="In my own words"
          name="reason"
          className="mt-2"
          autoComplete="off"
          maxLength={300}
          error={error}
        />
      )}
      <p id={`${id}-told`} className="mt-1.5 text-sm text-muted">
        The person concerned reads this.
      </p>
    </fieldset>
  );
}

/** What was chosen. */
export function reasonOf(form: FormData): string {
  return textOf(form, 'chosen') || textOf(form, 'reason').trim();
}
