import type { ReactNode } from 'react';

interface Props {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}

export function EmptyState({ icon, title, children, actions }: Props) {
  return (
    <div className="flex animate-appear flex-col items-center px-8 py-12 text-center text-balance">
      <div className="mb-4 flex size-14 items-center justify-center rounded-2xl bg-accent-soft text-accent" aria-hidden>
        {icon}
      </div>
      <h2 className="text-lg font-semibold">{title}</h2>
      {children && <p className="mt-1.5 max-w-sm text-muted">{children}</p>}
      {actions && <div className="mt-6 flex flex-wrap justify-center gap-3">{actions}</div>}
    </div>
  );
}
