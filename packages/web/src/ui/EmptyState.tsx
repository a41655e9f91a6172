import type { ReactNode } from 'react';

interface Props {
  icon: ReactNode;
  title: string;
  /** The page's own heading, unless told. */
  level?: 'h1' | 'h2';
  children?: ReactNode;
  actions?: ReactNode;
}

export function EmptyState({ icon, title, level: Heading = 'h1', children, actions }: Props) {
  return (
    <div className="flex animate-appear flex-col items-center px-8 py-12 text-center text-balance">
      <div className="mb-4 flex size-14 items-center justify-center rounded-2xl bg-accent-soft text-accent" aria-hidden>
        {icon}
      </div>
      <Heading className="text-lg font-semibold">{title}</Heading>
      {children && <div className="mt-1.5 max-w-sm text-muted">{children}</div>}
      {actions && <div className="mt-6 flex flex-wrap justify-center gap-3">{actions}</div>}
    </div>
  );
}
