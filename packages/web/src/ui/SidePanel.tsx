import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from './Button.tsx';
import { classes } from './classes.ts';

interface Props {
  label: string;
  title: ReactNode;
  /** Under the title. */
  note?: ReactNode;
  wide?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** Beside the history; on small screens, over it. */
export function SidePanel({ label, title, note, wide = false, onClose, children }: Props) {
  return (
    <aside
      aria-label={label}
      className={classes(
        'absolute inset-0 z-2 flex animate-appear flex-col lg:static lg:shrink-0 lg:border-l',
        wide ? 'bg-canvas lg:w-[26rem]' : 'bg-surface lg:w-80',
      )}
    >
      <header className="flex h-16 shrink-0 items-center justify-between gap-2 border-b pr-3 pl-5">
        <div className="min-w-0">
          <h2 className="truncate font-semibold">{title}</h2>
          {note && <p className="truncate text-sm text-muted">{note}</p>}
        </div>
        <IconButton label={`Close ${label.toLowerCase()}`} onClick={onClose}>
          <X size={19} aria-hidden />
        </IconButton>
      </header>
      {children}
    </aside>
  );
}
