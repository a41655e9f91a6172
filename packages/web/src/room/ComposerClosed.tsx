import { Archive } from 'lucide-react';

/** In place of the composer where nothing is written any more. */
export function ComposerClosed() {
  return (
    <p className="mx-3 mb-[max(0.75rem,env(safe-area-inset-bottom))] flex items-center justify-center gap-2 rounded-xl bg-surface px-4 py-3 text-muted sm:mx-6 sm:mb-5">
      <Archive size={17} aria-hidden />
      This room is archived. Nothing is written in it any more.
    </p>
  );
}
