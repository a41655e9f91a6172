import type { ReactNode } from 'react';

interface Props {
  /** null: none. */
  children: Exclude<ReactNode, undefined>;
  /** Offered with the problem, where trying again may help. */
  onRetry?: (() => void) | undefined;
}

/** A problem with the whole form or page. The region is always there, so that screen readers notice when it fills. */
export function Alert({ children, onRetry }: Props) {
  return (
    <div role="alert">
      {children !== null && (
        <div className="mb-5 flex flex-wrap items-center justify-between gap-x-4 gap-y-1 rounded-lg bg-danger-soft px-3 py-2.5 text-danger">
          <p className="min-w-0 break-words">{children}</p>
          {onRetry && (
            <button type="button" className="font-medium underline underline-offset-2" onClick={onRetry}>
              Try again
            </button>
          )}
        </div>
      )}
    </div>
  );
}
