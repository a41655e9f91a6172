import { useCallback, useEffect } from 'react';
import { client } from '../lib/client.ts';
import { moderationPath, type ModerationPageName } from '../lib/router.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { Alert } from '../ui/Alert.tsx';
import { classes } from '../ui/classes.ts';
import { Link } from '../ui/Link.tsx';
import { Section } from '../ui/Section.tsx';
import { ConsolePage } from './ConsolePage.tsx';
import { useNews } from './news.ts';
import type { Scope } from './scope.ts';
import { countText, useWaiting } from './waiting.ts';

const EVERY_MS = 15_000;

/** How things stand now. It follows by itself. */
export function FiguresPage({ scope }: { scope: Scope }) {
  const { reports, held, appeals } = useWaiting(true);
  return (
    <ConsolePage scope={scope} page="figures">
      <div className="space-y-8">
        <Section title="Waits for you">
          <Tiles
            label="What waits for you"
            tiles={[
              waitingTile('Reports', 'reports', reports),
              waitingTile('Held messages', 'held', held),
              waitingTile('Appeals', 'appeals', appeals),
            ]}
          />
        </Section>
        {scope.instance && <Board />}
      </div>
      <p role="status" className="sr-only">
        {reports !== null &&
          held !== null &&
          appeals !== null &&
          `${countText(reports)} reports, ${countText(held)} held messages, ${countText(appeals)} appeals wait for you`}
      </p>
    </ConsolePage>
  );
}

/** The figures of the whole place: again every 15 s while the page is visible, and with news. */
function Board() {
  const { data, problem, reload } = useLoaded(useCallback(() => client.call('moderationFigures'), []));
  useNews(['held', 'case', 'appeal', 'alert', 'raid'], reload);
  useEffect(() => {
    const again = () => {
      if (document.visibilityState === 'visible') reload();
    };
    const timer = setInterval(again, EVERY_MS);
    document.addEventListener('visibilitychange', again);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', again);
    };
  }, [reload]);
  return (
    <Section title="The whole place" note="Private rooms as well, whose own moderators decide what is held there.">
      <Alert onRetry={reload}>{problem}</Alert>
      {data && (
        <Tiles
          label="Figures of the whole place"
          tiles={[
            { name: 'Undecided reports', value: data.openCases.toLocaleString() },
            { name: 'Held messages', value: data.held.toLocaleString() },
            { name: 'Open appeals', value: data.openAppeals.toLocaleString() },
            {
              name: 'Rooms under a raid',
              value: data.raidedRooms.toLocaleString(),
              to: 'rooms',
              waits: data.raidedRooms > 0,
            },
            { name: 'Reports in 24 hours', value: data.reportsToday.toLocaleString() },
            { name: 'Sanctions in 24 hours', value: data.sanctionsToday.toLocaleString(), to: 'log' },
            { name: 'Rejected in 24 hours', value: data.rejectedToday.toLocaleString(), to: 'log' },
            { name: 'People online', value: data.online.toLocaleString() },
          ]}
        />
      )}
    </Section>
  );
}

interface Tile {
  name: string;
  value: string;
  /** Where it leads. */
  to?: ModerationPageName;
  /** It asks for somebody's decision. */
  waits?: boolean;
}

/** @param n null: not known yet */
const waitingTile = (name: string, to: ModerationPageName, n: number | null): Tile => ({
  name,
  value: n === null ? '…' : countText(n),
  to,
  waits: n !== null && n > 0,
});

function Tiles({ label, tiles }: { label: string; tiles: readonly Tile[] }) {
  return (
    <ul aria-label={label} className="grid grid-cols-2 gap-3 sm:grid-cols-4">
      {tiles.map((tile) => (
        <li key={tile.name}>
          <TileBox {...tile} />
        </li>
      ))}
    </ul>
  );
}

function TileBox({ name, value, to, waits = false }: Tile) {
  const look = 'flex h-full flex-col-reverse justify-end rounded-xl border px-4 py-3';
  const content = (
    <>
      <span className="text-sm text-muted">{name}</span>{' '}
      <span className={classes('text-2xl font-semibold tabular-nums', waits && 'text-accent')}>{value}</span>
    </>
  );
  return to === undefined ? (
    <div className={look}>{content}</div>
  ) : (
    <Link to={moderationPath(to)} className={classes(look, 'transition-colors hover:bg-hover')}>
      {content}
    </Link>
  );
}
