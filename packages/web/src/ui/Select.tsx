import { type ComponentProps, useId } from 'react';

type Props = ComponentProps<'select'> & { label: string; options: readonly (readonly [value: string, text: string])[] };

/** A labelled choice of one from a few. */
export function Select({ label, options, className, ...rest }: Props) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      <select
        id={id}
        {...rest}
        className="h-11 w-full rounded-lg border border-edge bg-raised px-3 focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0"
      >
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
