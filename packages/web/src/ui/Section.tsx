import { type ReactNode, useId } from 'react';

interface Props {
  title: string;
  /** Under the title. */
  note?: ReactNode;
  children?: ReactNode;
}

/** A part of a page under a heading that names it. */
export function Section({ title, note, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="text-lg font-semibold">
        {title}
      </h2>
      {note !== undefined && <p className="mt-0.5 max-w-prose text-muted">{note}</p>}
      <div className="mt-4">{children}</div>
    </section>
  );
}
