import { CloudOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useClient } from '../lib/client.ts';

const PATIENCE_MS = 1500;

/** Tells when the connection has been gone for longer than a blink. */
export function ConnectionBanner() {
  const online = useClient((client) => client.status === 'online');
  return <div role="status">{!online && <LateNotice />}</div>;
}

function LateNotice() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!late) return null;
  return (
    <p className="flex animate-appear items-center justify-center gap-2 bg-warn-soft px-4 py-1.5 text-sm text-warn">
      <CloudOff size={16} className="shrink-0" aria-hidden />
      No connection. What you write is sent as soon as it is back.
    </p>
  );
}
