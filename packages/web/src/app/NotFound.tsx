import { SearchX } from 'lucide-react';
import { navigate } from '../lib/router.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';

/** For an address that leads nowhere. */
export function NotFound({ signedIn }: { signedIn: boolean }) {
  return (
    <div className="flex min-w-0 flex-1 items-center justify-center">
      <EmptyState
        icon={<SearchX size={26} />}
        title="There is nothing here"
        actions={
          <Button look="primary" onClick={() => navigate('/', { replace: true })}>
            {signedIn ? 'Go to your conversations' : 'Go to the start'}
          </Button>
        }
      >
        The address may be mistyped, or what was there is gone.
      </EmptyState>
    </div>
  );
}
