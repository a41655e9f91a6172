import { lazy, Suspense, useState } from 'react';
import { exactTime } from '../lib/time.ts';

const UpgradeDialog = lazy(async () => ({ default: (await import('../auth/UpgradeDialog.tsx')).UpgradeDialog }));

/** Tells guests until when they are here, and how to stay. */
export function GuestBanner({ until }: { until: number | null }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <aside
        aria-label="Guest"
        className="flex flex-wrap items-center justify-center gap-x-3 bg-accent-soft px-4 py-1.5 text-center text-sm"
      >
        <p>You are here as a guest{until !== null && ` until ${exactTime(until)}`}.</p>
        <button
          type="button"
          className="font-medium text-accent underline underline-offset-2"
          onClick={() => setOpen(true)}
        >
          Create an account
        </button>
      </aside>
      {open && (
        <Suspense fallback={null}>
          <UpgradeDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
