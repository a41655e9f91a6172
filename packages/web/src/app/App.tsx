import { ServerOff } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { keptReturnTo } from '../auth/return-to.ts';
import { StepUp } from '../auth/step-up.tsx';
import { useClient } from '../lib/client.ts';
import { isEntryPage, navigate, usePath, useRoute } from '../lib/router.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { Toasts } from '../ui/toasts.tsx';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { startSession, useStart } from './session.ts';

// A file of its own, loaded beside the session: signing in needs none of it.
const shell = import('./Shell.tsx');
const Shell = lazy(async () => ({ default: (await shell).Shell }));
const PublicLounges = lazy(async () => ({
  default: (await import('../lounges/PublicLounges.tsx')).PublicLounges,
}));
const NotFound = lazy(async () => ({ default: (await import('./NotFound.tsx')).NotFound }));
const EntryPage = lazy(async () => ({ default: (await import('../auth/EntryPage.tsx')).EntryPage }));

export function App() {
  return (
    <ErrorBoundary>
      <Suspense fallback={<Loading />}>
        <Page />
      </Suspense>
      <StepUp />
      <Toasts />
    </ErrorBoundary>
  );
}

function Page() {
  const start = useStart();
  const route = useRoute();
  const me = useClient((client) => client.me);
  const path = usePath();
  // What was asked for before signing in is shown after it.
  const entry = isEntryPage(route) ? route.name : null;
  const isHalfway = entry === 'welcome' || entry === 'second-factor';
  const [wanted, setWanted] = useState(() => (isHalfway ? keptReturnTo() : '/'));
  // Links in letters work whether one is signed in or not.
  const isLetter = entry === 'verify-email' || entry === 'reset-password';
  const done = me !== null && entry !== null && !isLetter;
  const returnTo = entry === null ? path : wanted;
  if (me === null && returnTo !== wanted) setWanted(returnTo);
  useEffect(() => {
    if (done) navigate(wanted, { replace: true });
  }, [done, wanted]);

  if (isLetter) return <EntryPage name={entry} returnTo="/" />;
  if (me !== null) return <Shell key={me.id} me={me} route={route} />;
  if (start === 'starting') return <Loading />;
  if (start === 'unreachable')
    return (
      <main className="flex h-full items-center justify-center">
        <EmptyState
          icon={<ServerOff size={26} />}
          title="The server can’t be reached"
          actions={<Button onClick={() => void startSession()}>Try again</Button>}
        >
          Check your connection. If it is fine, the server may be restarting.
        </EmptyState>
      </main>
    );
  if (route.name === 'lounges') return <PublicLounges />;
  if (route.name === 'unknown')
    return (
      <main className="flex h-full">
        <NotFound signedIn={false} />
      </main>
    );
  // A signed-out visitor of a room's address signs in there, and is then in the room.
  return <EntryPage name={entry ?? 'signin'} returnTo={returnTo} />;
}

function Loading() {
  return (
    <main className="flex h-full animate-late items-center justify-center text-muted">
      <Spinner label="Loading" />
    </main>
  );
}
