import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { navigate } from '../lib/router.ts';
import { IconButton } from './Button.tsx';

interface Props {
  title: string;
  /** Stays in place above what scrolls. */
  head?: ReactNode;
  children: ReactNode;
}

/** A page beside the list of conversations that is not a room. */
export function SubPage({ title, head, children }: Props) {
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <header className="flex h-16 shrink-0 items-center gap-2 border-b px-2 md:px-6">
        <IconButton label="Back to conversations" className="md:hidden" onClick={() => navigate('/')}>
          <ArrowLeft size={20} aria-hidden />
        </IconButton>
        <h1 className="truncate text-lg font-semibold">{title}</h1>
      </header>
      {head && <div className="shrink-0 border-b px-4 py-3 md:px-6">{head}</div>}
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto max-w-3xl px-4 py-4 md:px-6">{children}</div>
      </div>
    </div>
  );
}
