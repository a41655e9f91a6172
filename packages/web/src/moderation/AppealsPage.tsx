import { ConfabError, type Sanction } from '@confab/sdk';
import { Scale } from 'lucide-react';
import { useState } from 'react';
import { client } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { textOf } from '../lib/problems.ts';
import { moderationPath, navigate } from '../lib/router.ts';
import { ago } from '../lib/time.ts';
import { Badge } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Field } from '../ui/Field.tsx';
import { toast } from '../ui/toasts.tsx';
import { ConsolePage } from './ConsolePage.tsx';
import { FormDialog } from './FormDialog.tsx';
import { loadAppeals } from './load.ts';
import { useNews } from './news.ts';
import { PersonLink } from './PersonLink.tsx';
import { QueueList } from './QueueList.tsx';
import { RoomName } from './RoomName.tsx';
import type { Scope } from './scope.ts';
import { ShortcutsDialog } from './ShortcutsDialog.tsx';
import { useQueue } from './useQueue.ts';
import { type Shortcut, type Triage, useTriage } from './useTriage.ts';
import { lookAgain } from './waiting.ts';
import { stateOf } from './words.ts';

/** What people have to say against what was done about them, the oldest first. */
export function AppealsPage({ scope }: { scope: Scope }) {
  const { items, problem, more, refresh, change } = useQueue(loadAppeals);
  const [deciding, setDeciding] = useState<{ sanction: Sanction; granted: boolean } | null>(null);
  const [helping, setHelping] = useState(false);
  useNews(['appeal'], refresh);

  async function decide(sanction: Sanction, granted: boolean, note: string) {
    let done = granted ? 'Granted: it is lifted.' : 'Refused: it stands.';
    try {
      await client.call('decideAppeal', { params: { sanctionId: sanction.id }, body: { granted, note } });
    } catch (thrown) {
      if (!(thrown instanceof ConfabError && thrown.code === 'already_decided')) throw thrown;
      done = 'Somebody else has decided this one already.';
    }
    change((all) => all.filter(({ id }) => id !== sanction.id));
    toast(done);
    lookAgain('appeals');
  }

  const ask = (granted: boolean) => current && setDeciding({ sanction: current, granted });
  const shortcuts: Shortcut[] = [
    { key: 'a', does: 'Grant', run: () => ask(true) },
    { key: 'r', does: 'Refuse', run: () => ask(false) },
    {
      key: 'p',
      does: 'Look at the person',
      run: () => current && navigate(moderationPath('members', current.userId)),
    },
    { key: '?', does: 'These keys', run: () => setHelping(true) },
  ];
  const triage = useTriage(items?.map(({ id }) => id) ?? [], shortcuts);
  const current = items?.find(({ id }) => id === triage.current);

  return (
    <ConsolePage scope={scope} page="appeals">
      <QueueList
        label="Appeals"
        problem={problem}
        onRetry={refresh}
        more={more}
        onHelp={() => setHelping(true)}
        rows={
          items?.map((sanction) => (
            <AppealRow
              key={sanction.id}
              sanction={sanction}
              mine={sanction.by === scope.me.id}
              rowProps={triage.rowProps(sanction.id)}
              onDecide={(granted) => setDeciding({ sanction, granted })}
            />
          )) ?? null
        }
        empty={
          <EmptyState icon={<Scale size={26} />} title="Nobody appeals" level="h2">
            Whoever was warned, muted, kicked or banned may ask once for another look. It comes here.
          </EmptyState>
        }
      />
      {deciding && (
        <FormDialog
          title={deciding.granted ? 'Grant the appeal?' : 'Refuse the appeal?'}
          verb={deciding.granted ? 'Grant' : 'Refuse'}
          danger={!deciding.granted}
          advice={{ note: 'Use 1 to 300 characters.' }}
          onSubmit={(form) => decide(deciding.sanction, deciding.granted, textOf(form, 'note'))}
          onClose={() => setDeciding(null)}
        >
          {(problems) => (
            <>
              <p className="text-muted">
                {deciding.granted
                  ? 'What was done is lifted at once.'
                  : 'What was done stands, and there is no second appeal.'}
              </p>
              <Field
                label="Answer"
                name="note"
                autoComplete="off"
                autoFocus
                maxLength={300}
                hint="They read this."
                error={problems['note']}
              />
            </>
          )}
        </FormDialog>
      )}
      {helping && <ShortcutsDialog shortcuts={shortcuts} onClose={() => setHelping(false)} />}
    </ConsolePage>
  );
}

interface RowProps {
  sanction: Sanction;
  /** Imposed by me: another one should decide, where there is another. */
  mine: boolean;
  rowProps: ReturnType<Triage['rowProps']>;
  onDecide: (granted: boolean) => void;
}

function AppealRow({ sanction, mine, rowProps, onDecide }: RowProps) {
  const now = useNow();
  const name = client.userById(sanction.userId)?.name ?? '…';
  return (
    <li>
      <div
        role="group"
        aria-label={`Appeal of ${name}`}
        {...rowProps}
        className="rounded-xl border px-4 py-3 focus-within:border-accent"
      >
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <PersonLink userId={sanction.userId} />
          <Badge look="bad">{stateOf(sanction, now)}</Badge>
          <span className="text-sm text-muted">
            <RoomName roomId={sanction.roomId} />
          </span>
        </p>
        <p className="mt-1 text-sm break-words text-muted">
          <PersonLink userId={sanction.by} />, {ago(sanction.createdAt, now)}: {sanction.reason}
        </p>
        {sanction.appeal && (
          <blockquote className="mt-2 border-l-3 pl-3 break-words whitespace-pre-wrap">
            {sanction.appeal.text}
            <footer className="text-sm text-muted">
              {name}, {ago(sanction.appeal.at, now)}
            </footer>
          </blockquote>
        )}
        <div className="mt-3 flex flex-wrap items-center gap-2">
          {mine && (
            <p className="mr-auto text-sm text-muted">You imposed it: let another one decide, if there is one.</p>
          )}
          <Button
            small
            className="ml-auto"
            aria-label={`Refuse the appeal of ${name}…`}
            onClick={() => onDecide(false)}
          >
            Refuse…
          </Button>
          <Button look="primary" small aria-label={`Grant the appeal of ${name}…`} onClick={() => onDecide(true)}>
            Grant…
          </Button>
        </div>
      </div>
    </li>
  );
}
