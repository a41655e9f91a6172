import { type ComponentProps, useId } from 'react';
import { Note } from './Field.tsx';

type Props = ComponentProps<'select'> & {
  label: string;
  options: readonly (readonly [value: string, text: string])[];
  error?: string | undefined;
};

/** A labelled choice of one from a few. */
export function Select({ label, options, error, className, ...rest }: Props) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      <select
        id={id}
        {...rest}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={error === undefined ? undefined : `${id}-note`}
        className="h-11 w-full rounded-lg border border-edge bg-raised px-3 focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 aria-invalid:border-danger aria-invalid:outline-danger"
      >
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
      <Note id={id} error>
        {error}
      </Note>
    </div>
  );
}
