import { ConfabError } from '@confab/sdk';
import { Hourglass } from 'lucide-react';
import { useState } from 'react';
import { client } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { moderationPath, navigate } from '../lib/router.ts';
import { Badge } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { toast } from '../ui/toasts.tsx';
import { ConsolePage } from './ConsolePage.tsx';
import { FormDialog } from './FormDialog.tsx';
import { type Held, loadHeld } from './load.ts';
import { useNews } from './news.ts';
import { QueueList } from './QueueList.tsx';
import { ReasonPicker, reasonOf } from './ReasonPicker.tsx';
import { RoomName } from './RoomName.tsx';
import { SaidMessage } from './SaidMessage.tsx';
import type { Scope } from './scope.ts';
import { ShortcutsDialog } from './ShortcutsDialog.tsx';
import { useQueue } from './useQueue.ts';
import { type Shortcut, type Triage, useTriage } from './useTriage.ts';
import { lookAgain } from './waiting.ts';

type Decision = { approve: true } | { approve: false; reason: string };

/** Messages of all rooms I moderate that nobody but their authors sees yet, the oldest first. */
export function HeldPage({ scope }: { scope: Scope }) {
  const { items, problem, more, refresh, change } = useQueue(loadHeld);
  const [rejecting, setRejecting] = useState<Held | null>(null);
  const [helping, setHelping] = useState(false);
  useNews(['held', 'raid'], refresh);

  async function decide({ message }: Held, decision: Decision) {
    const params = { roomId: message.roomId, messageId: message.id };
    let done = decision.approve ? 'Approved.' : 'Rejected.';
    try {
      await client.call('decideHeld', { params, body: decision });
    } catch (thrown) {
      if (!(thrown instanceof ConfabError && (thrown.code === 'already_decided' || thrown.code === 'not_found')))
        throw thrown;
      done =
        thrown.code === 'not_found' ? 'Its author has taken it back.' : 'Somebody else has decided this one already.';
    }
    change((all) => all.filter((item) => item.message.id !== message.id));
    toast(done);
    lookAgain('held');
  }
  const approve = (held: Held) =>
    void decide(held, { approve: true }).catch((thrown: unknown) => toast(messageOf(thrown)));

  const shortcuts: Shortcut[] = [
    { key: 'a', does: 'Approve', run: () => current && approve(current) },
    { key: 'r', does: 'Reject', run: () => current && setRejecting(current) },
    {
      key: 'p',
      does: 'Look at the person',
      run: () => current && navigate(moderationPath('members', current.message.senderId)),
    },
    { key: '?', does: 'These keys', run: () => setHelping(true) },
  ];
  const triage = useTriage(items?.map(({ message }) => message.id) ?? [], shortcuts);
  const current = items?.find(({ message }) => message.id === triage.current);

  return (
    <ConsolePage scope={scope} page="held">
      <QueueList
        label="Held messages"
        problem={problem}
        onRetry={refresh}
        more={more}
        onHelp={() => setHelping(true)}
        rows={
          items?.map((item) => (
            <HeldRow
              key={item.message.id}
              item={item}
              rowProps={triage.rowProps(item.message.id)}
              onApprove={() => approve(item)}
              onReject={() => setRejecting(item)}
            />
          )) ?? null
        }
        empty={
          <EmptyState icon={<Hourglass size={26} />} title="No message waits" level="h2">
            Messages come here where a room or a rule of automod wants them to be looked at first.
          </EmptyState>
        }
      />
      {rejecting && (
        <FormDialog
          title="Reject the message?"
          verb="Reject"
          danger
          onSubmit={(form) => decide(rejecting, { approve: false, reason: reasonOf(form) })}
          onClose={() => setRejecting(null)}
        >
          {(problems) => <ReasonPicker first={rejecting.message.reason} error={problems['reason']} />}
        </FormDialog>
      )}
      {helping && <ShortcutsDialog shortcuts={shortcuts} onClose={() => setHelping(false)} />}
    </ConsolePage>
  );
}

interface RowProps {
  item: Held;
  rowProps: ReturnType<Triage['rowProps']>;
  onApprove: () => void;
  onReject: () => void;
}

function HeldRow({ item: { message, ruleId }, rowProps, onApprove, onReject }: RowProps) {
  const sender = client.userById(message.senderId)?.name ?? '…';
  return (
    <li>
      <div
        role="group"
        aria-label={`Message of ${sender}`}
        {...rowProps}
        className="rounded-xl border px-4 py-3 focus-within:border-accent"
      >
        <SaidMessage
          message={message}
          note={
            <span className="text-sm text-muted">
              in <RoomName roomId={message.roomId} />
            </span>
          }
        />
        <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-2">
          <p className="min-w-0 flex-1 basis-48 text-sm break-words text-muted">
            <Badge look={ruleId === null ? 'plain' : 'warn'}>{ruleId === null ? 'Room' : 'Automod'}</Badge>{' '}
            {message.reason ?? 'Such messages wait for approval in this room.'}
          </p>
          <div className="flex gap-2">
            <Button small aria-label={`Reject the message of ${sender}…`} onClick={onReject}>
              Reject…
            </Button>
            <Button look="primary" small aria-label={`Approve the message of ${sender}`} onClick={onApprove}>
              Approve
            </Button>
          </div>
        </div>
      </div>
    </li>
  );
}
