import { Keyboard } from 'lucide-react';
import type { ReactNode } from 'react';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { Spinner } from '../ui/Spinner.tsx';

interface Props {
  label: string;
  /** Rows, each an `li`; null while they are loading. */
  rows: readonly ReactNode[] | null;
  problem: string | null;
  onRetry: () => void;
  more: (() => void) | null;
  empty: ReactNode;
  /** What stands above the list. */
  head?: ReactNode;
  onHelp?: () => void;
}

/** A list of what waits. How many there are is told to screen readers whenever that changes. */
export function QueueList({ label, rows, problem, onRetry, more, empty, head, onHelp }: Props) {
  return (
    <>
      {(head !== undefined || onHelp !== undefined) && (
        <div className={classes('flex flex-wrap items-end gap-3', head === undefined && 'max-sm:hidden')}>
          {head}
          {onHelp && (
            <Button look="quiet" className="ml-auto max-sm:hidden" onClick={onHelp}>
              <Keyboard size={17} aria-hidden />
              Keys
            </Button>
          )}
        </div>
      )}
      <Alert onRetry={onRetry}>{problem}</Alert>
      {rows === null && problem === null && (
        <div className="flex justify-center py-10 text-muted">
          <Spinner label="Loading" />
        </div>
      )}
      <p role="status" className="sr-only">
        {rows !== null && `${label}: ${rows.length === 0 ? 'nothing waits' : `${rows.length} shown`}`}
      </p>
      {rows !== null && rows.length > 0 && (
        <ul aria-label={label} className="space-y-2">
          {rows}
        </ul>
      )}
      {rows?.length === 0 && (
        // Where the focus goes when the last one is decided.
        <div data-empty tabIndex={-1} className="rounded-xl">
          {empty}
        </div>
      )}
      {more && (
        <Button look="quiet" className="w-full" onClick={more}>
          Show more
        </Button>
      )}
    </>
  );
}
