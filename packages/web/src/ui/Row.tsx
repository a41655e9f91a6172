import type { ReactNode } from 'react';

interface Props {
  icon: ReactNode;
  title: ReactNode;
  note: ReactNode;
  actions?: ReactNode;
}

/** One of a list of things that one has, and what there is to do with it. */
export function Row({ icon, title, note, actions }: Props) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b py-3 last:border-b-0">
      <span
        className="flex size-9 shrink-0 items-center justify-center rounded-lg bg-hover text-muted max-sm:hidden"
        aria-hidden
      >
        {icon}
      </span>
      <div className="min-w-0 flex-1 basis-52">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1 font-medium break-words">{title}</p>
        <p className="text-sm break-words text-muted">{note}</p>
      </div>
      {actions && <div className="flex shrink-0 items-center gap-2">{actions}</div>}
    </li>
  );
}
