import type { Sanction } from '@confab/sdk';
import { useCallback, useRef, useState } from 'react';
import { client } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { ago, exactTime } from '../lib/time.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { count } from '../lib/words.ts';
import { Alert } from '../ui/Alert.tsx';
import { Badge } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { toast } from '../ui/toasts.tsx';
import { FormDialog } from './FormDialog.tsx';
import { loadModerated } from './load.ts';
import { useNews } from './news.ts';
import { PersonLink } from './PersonLink.tsx';
import { ReasonPicker, reasonOf } from './ReasonPicker.tsx';
import { RoomName } from './RoomName.tsx';
import { useKeptFocus } from './useKeptFocus.ts';
import { isInForce, stateOf } from './words.ts';

interface Props {
  userId: string;
  /** Another one has it loaded again. */
  round: number;
}

/** What was done about somebody, what moderators noted, and how often they are named in reports. */
export function MemberHistory({ userId, round }: Props) {
  const { data, problem, reload } = useLoaded(
    useCallback(() => {
      // Named, so that another round is another list.
      void round;
      return loadModerated(userId);
    }, [userId, round]),
  );
  // Reports come in, and others decide them, while one looks.
  useNews(['case'], reload);
  const [lifting, setLifting] = useState<Sanction | null>(null);
  const now = useNow();
  const all = useRef<HTMLDivElement>(null);
  useKeptFocus(() => all.current?.focus(), all);
  if (data === null) return problem === null ? <Spinner label="Loading" /> : <Alert onRetry={reload}>{problem}</Alert>;
  const { sanctions, notes, reported, reporting } = data;
  return (
    <div ref={all} tabIndex={-1} className="space-y-4 outline-none">
      <p className="text-muted">
        {reported === 0 ? 'Never reported before' : `Reported ${count(reported, 'time')}`}
        {reporting > 0 && `; reported others ${count(reporting, 'time')}`}.
      </p>
      {sanctions.length === 0 ? (
        <p className="text-muted">Nothing was ever done about them.</p>
      ) : (
        <ul aria-label="Sanctions" className="space-y-3">
          {sanctions.map((sanction) => (
            <li key={sanction.id} className="rounded-xl border px-3 py-2.5">
              <p className="flex flex-wrap items-center gap-2">
                <Badge look={isInForce(sanction, now) ? 'bad' : 'plain'}>{stateOf(sanction, now)}</Badge>
                <span className="text-sm text-muted">
                  <RoomName roomId={sanction.roomId} />
                </span>
              </p>
              <p className="mt-1 break-words">{sanction.reason}</p>
              <p className="text-sm text-muted">
                <PersonLink userId={sanction.by} />,{' '}
                <time dateTime={new Date(sanction.createdAt).toISOString()} title={exactTime(sanction.createdAt)}>
                  {ago(sanction.createdAt, now)}
                </time>
                {sanction.appeal && `; appeal ${sanction.appeal.state}`}
              </p>
              {isInForce(sanction, now) && (
                <Button small className="mt-2" onClick={() => setLifting(sanction)}>
                  Lift…
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {notes.length > 0 && (
        <ul aria-label="Notes of moderators" className="space-y-2.5">
          {notes.map((note) => (
            <li key={note.id}>
              <p className="text-sm text-muted">
                Note by <PersonLink userId={note.by} />, {ago(note.createdAt, now)}
              </p>
              <p className="break-words whitespace-pre-wrap">{note.text}</p>
            </li>
          ))}
        </ul>
      )}
      {lifting && (
        <FormDialog
          title={lifting.type === 'ban' ? 'Lift the ban?' : 'Lift the mute?'}
          verb="Lift"
          onSubmit={async (form) => {
            await client.call('liftSanction', {
              params: { sanctionId: lifting.id },
              body: { reason: reasonOf(form) },
            });
            toast(lifting.type === 'ban' ? 'The ban is lifted.' : 'The mute is lifted.');
            reload();
          }}
          onClose={() => setLifting(null)}
        >
          {(problems) => <ReasonPicker choices={LIFTS} error={problems['reason']} />}
        </FormDialog>
      )}
    </div>
  );
}

const LIFTS = ['It has been long enough.', 'It was a mistake.', 'You have explained yourself.'];
