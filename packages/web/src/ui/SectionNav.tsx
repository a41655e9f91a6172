import type { LucideIcon } from 'lucide-react';
import { classes } from './classes.ts';
import { Link } from './Link.tsx';

interface Props {
  label: string;
  /** The path of each page, its name and its icon. */
  pages: readonly (readonly [to: string, name: string, icon: LucideIcon])[];
  current: string;
  /** Above them in any case. */
  flat?: boolean;
}

/** The pages of one area: a list beside them; above them, and wrapping, where there is no room for that. */
export function SectionNav({ label, pages, current, flat = false }: Props) {
  return (
    <nav aria-label={label} className={classes('shrink-0', !flat && 'lg:sticky lg:top-4 lg:w-44 lg:self-start')}>
      <ul className={classes('flex flex-wrap gap-1', !flat && 'lg:flex-col')}>
        {pages.map(([to, name, Icon]) => (
          <li key={to}>
            <Link
              to={to}
              aria-current={to === current ? 'page' : undefined}
              className={classes(
                'flex items-center gap-2.5 rounded-lg px-3 py-2 font-medium transition-colors',
                to === current ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-hover hover:text-ink',
              )}
            >
              <Icon size={18} aria-hidden className="max-sm:hidden" />
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
