import { type ReactNode, useEffect } from 'react';
import { Logo } from '../ui/Logo.tsx';

interface Props {
  title: string;
  children: ReactNode;
  footer?: ReactNode;
}

/** A page of its own, for whoever is not signed in. */
export function AuthPage({ title, children, footer }: Props) {
  useEffect(() => {
    document.title = `${title} – Confab`;
    return () => {
      document.title = 'Confab';
    };
  }, [title]);
  return (
    <main className="flex min-h-full flex-col items-center justify-center bg-surface px-4 py-10">
      <div className="w-full max-w-[25rem] animate-appear">
        <div className="mb-7 flex flex-col items-center gap-4 text-center">
          <Logo size={52} />
          <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
        </div>
        <div className="rounded-2xl border bg-raised p-6 shadow-pop sm:p-8">{children}</div>
        {footer && <p className="mt-6 text-center text-muted">{footer}</p>}
      </div>
    </main>
  );
}
