import { AtSign, CalendarClock, Compass, Dices, type LucideIcon, Search, Sofa, Star } from 'lucide-react';
import { useClient } from '../lib/client.ts';
import type { Route } from '../lib/router.ts';
import { useMatch } from '../strangers/match.ts';
import { classes } from '../ui/classes.ts';
import { Link } from '../ui/Link.tsx';

const PAGES: readonly (readonly [Route['name'], string, LucideIcon])[] = [
  ['search', 'Search', Search],
  ['mentions', 'Mentions', AtSign],
  ['starred', 'Starred', Star],
  ['scheduled', 'Scheduled', CalendarClock],
  ['explore', 'Explore', Compass],
];

/** What guests have no use for. */
const MEMBERS_ONLY = new Set<Route['name']>(['scheduled', 'explore']);
/** Where one meets people one does not know. */
const PLACES: readonly (readonly [Route['name'], string, LucideIcon])[] = [
  ['lounges', 'Lounges', Sofa],
  ['strangers', 'Strangers', Dices],
];

/** The pages that are about all conversations, and those that are about other people. */
export function SidebarNav({ current }: { current: Route['name'] }) {
  const mentions = useClient((client) => client.totals.mentions);
  const isLooking = useMatch().match?.state === 'waiting';
  const isGuest = useClient((client) => client.me?.role === 'guest');
  return (
    <>
      <ul aria-label="Pages" className="mx-2 flex shrink-0">
        {PAGES.filter(([name]) => !isGuest || !MEMBERS_ONLY.has(name)).map(([name, label, Icon]) => (
          <li key={name} className="min-w-0 flex-1">
            <Link
              to={`/${name}`}
              aria-label={name === 'mentions' && mentions > 0 ? `${label}, ${mentions} new` : label}
              aria-current={name === current ? 'page' : undefined}
              className={classes(
                'relative flex h-13 flex-col items-center justify-center gap-1 rounded-lg transition-colors',
                name === current ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-hover hover:text-ink',
              )}
            >
              <Icon size={19} aria-hidden />
              <span className="text-[0.6875rem] leading-none font-medium">{label}</span>
              {name === 'mentions' && mentions > 0 && (
                <span
                  aria-hidden
                  className="absolute top-0.5 left-1/2 ml-1 flex h-4.5 min-w-4.5 items-center justify-center rounded-full bg-danger px-1 text-[0.6875rem] font-semibold text-canvas tabular-nums"
                >
                  {mentions > 99 ? '99+' : mentions}
                </span>
              )}
            </Link>
          </li>
        ))}
      </ul>
      <ul aria-label="Places" className="mx-2 mb-2 flex shrink-0">
        {PLACES.map(([name, label, Icon]) => (
          <li key={name} className="min-w-0 flex-1">
            <Link
              to={`/${name}`}
              aria-label={name === 'strangers' && isLooking ? `${label}, looking for somebody` : undefined}
              aria-current={name === current ? 'page' : undefined}
              className={classes(
                'flex h-9 items-center justify-center gap-2 rounded-lg text-sm font-medium transition-colors',
                name === current ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-hover hover:text-ink',
              )}
            >
              <Icon size={17} aria-hidden />
              {name === 'strangers' && isLooking ? 'Looking…' : label}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
