import type { ReactNode } from 'react';

/** A problem with the whole form. The region is always there, so that screen readers notice when it fills. */
export function Alert({ children }: { children: ReactNode }) {
  return (
    <div role="alert">
      {children !== null && <p className="mb-5 rounded-lg bg-danger-soft px-3 py-2.5 text-danger">{children}</p>}
    </div>
  );
}
