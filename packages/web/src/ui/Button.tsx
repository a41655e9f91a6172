import type { ComponentProps, ReactNode } from 'react';
import { classes } from './classes.ts';
import { Spinner } from './Spinner.tsx';

const looks = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  plain: 'border bg-raised text-ink hover:bg-hover',
  quiet: 'text-muted hover:bg-hover hover:text-ink',
  danger: 'border bg-raised text-danger hover:bg-danger-soft',
} as const;

type Props = ComponentProps<'button'> & { look?: keyof typeof looks; small?: boolean; busy?: boolean };

/** `busy` keeps the button focusable but inert, so that focus is not lost while something is under way. */
export function Button({ look = 'plain', small = false, busy = false, className, children, onClick, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={classes(
        'inline-flex items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors disabled:opacity-50',
        small ? 'h-9 px-3' : 'h-10 px-4',
        looks[look],
        className,
      )}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

type IconProps = ComponentProps<'button'> & { label: string; small?: boolean; children: ReactNode };

/** A square button with an icon; `label` is its name and its tooltip. */
export function IconButton({ label, small = false, className, children, ...rest }: IconProps) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...rest}
      className={classes(
        'inline-flex shrink-0 items-center justify-center rounded-lg text-muted transition-colors hover:bg-hover hover:text-ink',
        small ? 'h-8 min-w-8' : 'h-10 min-w-10',
        className,
      )}
    >
      {children}
    </button>
  );
}
