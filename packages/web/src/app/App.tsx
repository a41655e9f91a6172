import { ServerOff } from 'lucide-react';
import { useEffect } from 'react';
import { SignIn } from '../auth/SignIn.tsx';
import { SignUp } from '../auth/SignUp.tsx';
import { useClient } from '../lib/client.ts';
import { navigate, useRoute } from '../lib/router.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { Toasts } from '../ui/toasts.tsx';
import { startSession, useStart } from './session.ts';
import { Shell } from './Shell.tsx';

export function App() {
  return (
    <>
      <Page />
      <Toasts />
    </>
  );
}

function Page() {
  const start = useStart();
  const route = useRoute();
  const me = useClient((client) => client.me);
  const done = me !== null && (route.name === 'signin' || route.name === 'signup');
  useEffect(() => {
    if (done) navigate('/', { replace: true });
  }, [done]);

  if (me !== null) return <Shell key={me.id} me={me} route={route} />;
  if (start === 'starting')
    return (
      <main className="flex h-full animate-late items-center justify-center text-muted">
        <Spinner label="Loading" />
      </main>
    );
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
