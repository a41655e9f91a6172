import type { RoomState } from '@confab/sdk';
import { Flag, SkipForward, Square } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { languageName } from '../lib/language-names.ts';
import { navigate } from '../lib/router.ts';
import { names } from '../lib/words.ts';
import { Button } from '../ui/Button.tsx';
import { toast } from '../ui/toasts.tsx';
import { setMatch, useMatch } from './match.ts';
import { keptWishes } from './wishes.ts';

const ReportDialog = lazy(async () => ({ default: (await import('../report/ReportDialog.tsx')).ReportDialog }));

const SMALL = 'h-9 gap-1.5 px-2.5 text-sm sm:px-3';

const ENDS = {
  left: 'has left.',
  moderated: 'was taken out by moderators.',
  idle: 'was gone for too long.',
} as const;

/** Under the header of a room with a stranger: what there is to do, and whether it is over. */
export function MatchBar({ state, title }: { state: RoomState; title: string }) {
  const { match, met } = useMatch();
  const [reporting, setReporting] = useState(false);
  const roomId = state.room.id;
  const here = match !== null && 'roomId' in match && match.roomId === roomId ? match : null;
  const over = state.room.archivedAt !== null || here?.state === 'ended';
  const strangerId = state.peerId;

  const go = (call: Promise<Parameters<typeof setMatch>[0]>) =>
    attempt(
      call.then((next) => {
        setMatch(next);
        navigate('/strangers', { replace: true });
      }),
    );

  return (
    <section
      aria-label="Stranger"
      className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b bg-surface px-4 py-2"
    >
      <p role="status" className="min-w-0 flex-1 basis-48 text-sm break-words text-muted">
        {over ? (
          <span className="font-medium text-ink">
            {title} {ENDS[here?.state === 'ended' ? here.reason : 'left']}
          </span>
        ) : met?.roomId === roomId && met.common.length > 0 ? (
          <>You have in common: {names(met.common.map(commonWord), 5)}</>
        ) : (
          'You have just met. Be kind.'
        )}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button look={over ? 'primary' : 'plain'} className={SMALL} onClick={() => go(client.match.next())}>
          <SkipForward size={16} aria-hidden />
          Next
        </Button>
        <Button className={SMALL} onClick={() => go(client.match.stop())}>
          <Square size={14} aria-hidden />
          Stop
        </Button>
        {strangerId !== null && (
          <Button look="danger" className={SMALL} onClick={() => setReporting(true)}>
            <Flag size={15} aria-hidden />
            Report and block
          </Button>
        )}
      </div>
      {reporting && strangerId !== null && (
        <Suspense fallback={null}>
          <ReportDialog
            target={{ type: 'room', roomId }}
            accusedId={strangerId}
            alwaysBlocks
            onReported={() => {
              toast('Reported and blocked. You will be told what came of it.');
              go(client.match.stop());
            }}
            onClose={() => setReporting(false)}
          />
        </Suspense>
      )}
    </section>
  );
}

/** Languages are named; interests are words already. */
function commonWord(word: string): string {
  const tag = keptWishes().languages.find((language) => language.toLowerCase() === word);
  return tag === undefined ? word : languageName(tag);
}
