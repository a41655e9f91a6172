import { moderationPath, type ModerationPageName } from '../lib/router.ts';
import { Alert } from '../ui/Alert.tsx';
import { classes } from '../ui/classes.ts';
import { Link } from '../ui/Link.tsx';
import { ConsolePage } from './ConsolePage.tsx';
import type { Scope } from './scope.ts';
import { type Figures, useWaiting } from './waiting.ts';

interface Tile {
  name: string;
  value: number;
  /** Where it leads. */
  to?: ModerationPageName;
  /** It asks for somebody's decision. */
  waits?: boolean;
}

const boardOf = (figures: Figures): Tile[] => [
  { name: 'Open reports', value: figures.openCases, to: 'reports', waits: true },
  { name: 'Held messages', value: figures.held, to: 'held', waits: true },
  { name: 'Open appeals', value: figures.openAppeals, to: 'appeals', waits: true },
  { name: 'Rooms under a raid', value: figures.raidedRooms, to: 'rooms', waits: true },
  { name: 'Reports in 24 hours', value: figures.reportsToday, to: 'log' },
  { name: 'Sanctions in 24 hours', value: figures.sanctionsToday, to: 'log' },
  { name: 'Rejected in 24 hours', value: figures.rejectedToday, to: 'log' },
  { name: 'People online', value: figures.online },
];

/** How things stand now. It follows by itself. */
export function FiguresPage({ scope }: { scope: Scope }) {
  const { reports, held, appeals, figures, problem } = useWaiting(scope.instance);
  const tiles: Tile[] =
    figures === null
      ? [
          { name: 'Open reports', value: reports, to: 'reports', waits: true },
          { name: 'Held messages', value: held, to: 'held', waits: true },
          { name: 'Open appeals', value: appeals, to: 'appeals', waits: true },
        ]
      : boardOf(figures);
  return (
    <ConsolePage scope={scope} page="figures">
      <Alert>{problem}</Alert>
      <ul aria-label="Figures" className="grid grid-cols-2 gap-3 sm:grid-cols-4">
        {tiles.map((tile) => (
          <li key={tile.name}>
            <TileBox {...tile} />
          </li>
        ))}
      </ul>
      <p className="text-sm text-muted">
        {scope.instance ? 'Of the whole place.' : 'Of the rooms that you moderate.'} The figures follow by themselves.
      </p>
      <p role="status" className="sr-only">
        {`${reports} open reports, ${held} held messages, ${appeals} open appeals`}
      </p>
    </ConsolePage>
  );
}

function TileBox({ name, value, to, waits = false }: Tile) {
  const look = 'flex h-full flex-col-reverse justify-end rounded-xl border px-4 py-3';
  const content = (
    <>
      <span className="text-sm text-muted">{name}</span>
      <span className={classes('text-2xl font-semibold tabular-nums', waits && value > 0 && 'text-accent')}>
        {value.toLocaleString()}
      </span>
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
