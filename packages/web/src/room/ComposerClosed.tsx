import { Archive, Ban } from 'lucide-react';
import type { ReactNode } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';

function Notice({ children }: { children: ReactNode }) {
  return (
    <div className="mx-3 mb-[max(0.75rem,env(safe-area-inset-bottom))] flex items-center justify-center gap-2 rounded-xl bg-surface px-4 py-3 text-muted sm:mx-6 sm:mb-5">
      {children}
    </div>
  );
}

/** In place of the composer where nothing is written any more. */
export function ArchivedNotice() {
  return (
    <Notice>
      <Archive size={17} className="shrink-0" aria-hidden />
      This room is archived. Nothing is written in it any more.
    </Notice>
  );
}

/** In place of the composer towards someone I block. */
export function BlockedNotice({ userId }: { userId: string }) {
  return (
    <Notice>
      <Ban size={17} className="shrink-0" aria-hidden />
      You have blocked this person.
      <button
        type="button"
        className="font-medium text-accent underline-offset-2 hover:underline"
        onClick={() => attempt(client.unblock(userId))}
      >
        Unblock
      </button>
    </Notice>
  );
}
