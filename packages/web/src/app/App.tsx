import { ServerOff } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { StepUp } from '../auth/step-up.tsx';
import { SignIn } from '../auth/SignIn.tsx';
import { SignUp } from '../auth/SignUp.tsx';
import { useClient } from '../lib/client.ts';
import { navigate, usePath, useRoute } from '../lib/router.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { Toasts } from '../ui/toasts.tsx';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { startSession, useStart } from './session.ts';

// A file of its own, loaded beside the session: signing in needs none of it.
const shell = import('./Shell.tsx');
const Shell = lazy(async () => ({ default: (await shell).Shell }));

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
  const done = me !== null && (route.name === 'signin' || route.name === 'signup');
  // What was asked for before signing in is shown after it.
  const path = usePath();
  const wanted = useRef('/');
  const signing = route.name === 'signin' || route.name === 'signup';
  useEffect(() => {
    if (done) navigate(wanted.current, { replace: true });
    if (!signing) wanted.current = me === null ? path : '/';
  }, [done, signing, path, me]);

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
  // A signed-out visitor of a room's address signs in there, and is then in the room.
  return route.name === 'signup' ? <SignUp /> : <SignIn />;
}

function Loading() {
  return (
    <main className="flex h-full animate-late items-center justify-center text-muted">
      <Spinner label="Loading" />
    </main>
  );
}
