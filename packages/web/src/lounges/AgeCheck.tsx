import { useId } from 'react';

/** The question of age. It has to be answered before the form is sent. */
export function AgeCheck({ error }: { error: string | undefined }) {
  const id = useId();
  return (
    <div>
      <div className="flex items-start gap-3">
        <input
          id={id}
          type="checkbox"
          name="ofAge"
          aria-invalid={error !== undefined || undefined}
          aria-describedby={error === undefined ? undefined : `${id}-note`}
          className="mt-0.5 size-4.5 shrink-0"
        />
        <label htmlFor={id} className="font-medium">
          I am of age where I live (18 or older)
        </label>
      </div>
      {error !== undefined && (
        <p id={`${id}-note`} className="mt-1.5 text-sm text-danger">
          {error}
        </p>
      )}
    </div>
  );
}
