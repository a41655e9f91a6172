import { Dices } from 'lucide-react';
import { useEffect, useState } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { Button } from '../ui/Button.tsx';
import { setMatch } from './match.ts';

/** After that it is told that it takes long. */
const LONG_MS = 30_000;

export function Searching({ since }: { since: number }) {
  const [long, setLong] = useState(() => Date.now() - since > LONG_MS);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), Math.max(0, since + LONG_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [since]);
  return (
    <div className="flex flex-col items-center px-4 py-14 text-center text-balance">
      <div
        className="mb-5 flex size-16 animate-pulse items-center justify-center rounded-2xl bg-accent-soft text-accent"
        aria-hidden
      >
        <Dices size={30} />
      </div>
      <div role="status">
        <h2 className="text-lg font-semibold">Looking for somebody…</h2>
        <p className="mt-1.5 max-w-sm text-muted">
          {long
            ? 'Nobody with the same wishes is there right now. Anybody will do from now on; you can also go on using Confab meanwhile.'
            : 'Those who share your languages and interests come first. You can go on using Confab meanwhile.'}
        </p>
      </div>
      <Button className="mt-6" onClick={() => attempt(client.match.stop().then(setMatch))}>
        Cancel
      </Button>
    </div>
  );
}
