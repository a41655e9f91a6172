import { type ComponentProps, type ReactNode, useId } from 'react';
import { classes } from './classes.ts';

const box =
  'w-full rounded-lg border border-edge bg-raised px-3 placeholder:text-muted focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 aria-invalid:border-danger aria-invalid:outline-danger';

const FILE =
  'cursor-pointer py-1.5 pl-1.5 text-sm text-muted file:mr-3 file:h-full file:cursor-pointer file:rounded-md file:border file:border-edge file:bg-surface file:px-3 file:font-medium file:text-ink hover:file:bg-hover';

type Props = ComponentProps<'input'> & { label: string; hint?: ReactNode; error?: string | undefined; end?: ReactNode };

/** A labelled input. `error` replaces `hint`; both describe the input to screen readers. */
export function Field({ label, hint, error, end, className, ...rest }: Props) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          {...rest}
          data-autofocus={rest.autoFocus || undefined}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={note ? `${id}-note` : undefined}
          className={classes(box, 'h-11', end !== undefined && 'pr-12', rest.type === 'file' && FILE)}
        />
        {end !== undefined && <div className="absolute inset-y-0 right-1 flex items-center">{end}</div>}
      </div>
      <Note id={id} error={error !== undefined}>
        {note}
      </Note>
    </div>
  );
}

type AreaProps = ComponentProps<'textarea'> & { label: string; hint?: ReactNode; error?: string | undefined };

/** A labelled text of several lines. */
export function TextArea({ label, hint, error, className, ...rest }: AreaProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      <textarea
        id={id}
        rows={3}
        {...rest}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={note ? `${id}-note` : undefined}
        className={classes(box, 'block py-2.5')}
      />
      <Note id={id} error={error !== undefined}>
        {note}
      </Note>
    </div>
  );
}

/** What describes an input; nothing where there is nothing to say. */
export function Note({ id, error, children }: { id: string; error: boolean; children: ReactNode }) {
  if (!children) return null;
  return (
    <p id={`${id}-note`} className={classes('mt-1.5 text-sm', error ? 'text-danger' : 'text-muted')}>
      {children}
    </p>
  );
}

type SearchProps = Omit<ComponentProps<'input'>, 'className'> & { label: string; icon: ReactNode };

/** An input whose label is only spoken. */
export function SearchField({ label, icon, ...rest }: SearchProps) {
  return (
    <div className="relative">
      <span className="pointer-events-none absolute inset-y-0 left-0 flex w-9 items-center justify-center text-muted">
        {icon}
      </span>
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        {...rest}
        data-autofocus={rest.autoFocus || undefined}
        className={classes(box, 'h-10 pl-9')}
      />
    </div>
  );
}
