import type { ReactNode } from 'react';
import { Alert } from './Alert.tsx';
import { Button } from './Button.tsx';
import { Spinner } from './Spinner.tsx';

interface Props {
  label: string;
  /** null while it is loading. */
  items: readonly ReactNode[] | null;
  problem: string | null;
  onRetry?: () => void;
  more: (() => void) | null;
  /** Shown when there is nothing. */
  empty: ReactNode;
}

/** A list that is loaded page by page. Each item is an `li`. */
export function PagedList({ label, items, problem, onRetry, more, empty }: Props) {
  return (
    <>
      <Alert onRetry={onRetry}>{problem}</Alert>
      {items === null && problem === null && (
        <div className="flex justify-center py-10 text-muted">
          <Spinner label="Loading" />
        </div>
      )}
      <p role="status" className="sr-only">
        {items && items.length > 0 && `${label}: ${items.length} shown`}
      </p>
      <ul aria-label={label} className="space-y-0.5">
        {items}
      </ul>
      {items?.length === 0 && empty}
      {more && (
        <Button look="quiet" className="mt-2 w-full" onClick={more}>
          Show more
        </Button>
      )}
    </>
  );
}
