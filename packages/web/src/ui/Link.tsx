import type { ComponentProps } from 'react';
import { navigate } from '../lib/router.ts';

type Props = Omit<ComponentProps<'a'>, 'href'> & { to: string };

/** A link within the app. Modified clicks open a new tab as usual. */
export function Link({
  to,
  className = 'font-medium text-accent underline-offset-2 hover:underline',
  children,
  ...rest
}: Props) {
  return (
    <a
      {...rest}
      href={to}
      className={className}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        navigate(to);
      }}
    >
      {children}
    </a>
  );
}
