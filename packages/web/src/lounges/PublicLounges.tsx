import { useEffect, useState } from 'react';
import { enter } from '../auth/enter.ts';
import { useWaysIn } from '../auth/useWaysIn.ts';
import { messageOf } from '../lib/problems.ts';
import { navigate } from '../lib/router.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Logo } from '../ui/Logo.tsx';
import { LoungeList } from './LoungeList.tsx';

/** The lounges, for whoever is not signed in: to look at, and to come in as a guest. */
export function PublicLounges() {
  const ways = useWaysIn();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    document.title = 'Lounges – Confab';
    return () => {
      document.title = 'Confab';
    };
  }, []);

  async function comeIn() {
    setBusy(true);
    setProblem(null);
    try {
      await enter('guest', {});
    } catch (thrown) {
      setProblem(messageOf(thrown));
      setBusy(false);
    }
  }

  return (
    <main className="h-full overflow-y-auto">
      <div className="mx-auto max-w-3xl px-4 py-8 md:px-6">
        <header className="mb-6 flex flex-wrap items-center gap-x-4 gap-y-4">
          <Logo size={40} />
          <div className="min-w-0 flex-1">
            <h1 className="text-2xl font-semibold tracking-tight">Lounges</h1>
            <p className="text-muted">Places to talk with whoever is there, a room for each language.</p>
          </div>
          <div className="flex flex-wrap gap-2.5 max-sm:w-full">
            <Button className="max-sm:flex-1" onClick={() => navigate('/signin')}>
              Sign in
            </Button>
            {ways?.guests === true && (
              <Button look="primary" className="max-sm:flex-1" busy={busy} onClick={() => void comeIn()}>
                Come in as a guest
              </Button>
            )}
          </div>
        </header>
        <Alert>{problem}</Alert>
        <LoungeList action={() => null} />
      </div>
    </main>
  );
}
