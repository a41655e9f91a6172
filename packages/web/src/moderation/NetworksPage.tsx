import type { AddressBan } from '@confab/sdk';
import { Network } from 'lucide-react';
import { useCallback, useRef, useState } from 'react';
import { client } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { ago, exactTime } from '../lib/time.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Field } from '../ui/Field.tsx';
import { Row } from '../ui/Row.tsx';
import { Section } from '../ui/Section.tsx';
import { Select } from '../ui/Select.tsx';
import { toast } from '../ui/toasts.tsx';
import { ConsolePage } from './ConsolePage.tsx';
import { PersonLink } from './PersonLink.tsx';
import type { Scope } from './scope.ts';
import { useKeptFocus } from './useKeptFocus.ts';
import { DURATIONS, untilOf } from './words.ts';

/** Networks that nobody signs up or signs in from. */
export function NetworksPage({ scope }: { scope: Scope }) {
  const { data, problem, reload } = useLoaded(useCallback(() => client.call('addressBans'), []));
  const [removing, setRemoving] = useState<AddressBan | null>(null);
  const [hours, setHours] = useState('168');
  const now = useNow();
  const [round, setRound] = useState(0);
  const page = useRef<HTMLDivElement>(null);
  useKeptFocus(() => page.current?.focus(), page);
  const submit = useSubmit(
    async (form) => {
      await client.call('addAddressBan', {
        body: { range: textOf(form, 'range').trim(), reason: textOf(form, 'reason'), until: untilOf(hours) },
      });
      toast('The network is kept out.');
      setRound((before) => before + 1);
      reload();
    },
    {
      range: 'Use an address such as 203.0.113.7, or a range such as 203.0.113.0/24 or 2001:db8::/32.',
      reason: 'Use 1 to 300 characters.',
    },
  );
  return (
    <ConsolePage scope={scope} page="networks">
      <div ref={page} tabIndex={-1} className="space-y-8 outline-none">
        <Section
          title="Keep a network out"
          note="Nobody signs up or signs in from there. Sessions that run go on: ban the people for that."
        >
          <form key={round} onSubmit={submit.onSubmit} noValidate className="space-y-4">
            <Alert>{submit.problem.message}</Alert>
            <div className="flex flex-wrap items-start gap-3">
              <Field
                label="Address or range"
                name="range"
                className="min-w-0 flex-1 basis-52"
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                placeholder="203.0.113.0/24"
                maxLength={60}
                error={submit.problem.fields['range']}
              />
              <Select
                label="How long"
                className="w-44"
                value={hours}
                options={DURATIONS}
                onChange={(event) => setHours(event.target.value)}
              />
            </div>
            <Field
              label="Reason"
              name="reason"
              autoComplete="off"
              maxLength={300}
              hint="Kept in the log, which moderators read."
              error={submit.problem.fields['reason']}
            />
            <Button type="submit" look="primary" busy={submit.busy}>
              Keep it out
            </Button>
          </form>
        </Section>
        <Section title="Kept out">
          <Alert onRetry={reload}>{problem}</Alert>
          <ul aria-label="Networks">
            {data?.bans.map((ban) => (
              <Row
                key={ban.id}
                icon={<Network size={18} />}
                title={<code className="font-mono break-all">{ban.range}</code>}
                note={
                  <>
                    {ban.reason} · {ban.until === null ? 'until it is removed' : `until ${exactTime(ban.until)}`} ·{' '}
                    <PersonLink userId={ban.createdBy} />, {ago(ban.createdAt, now)}
                  </>
                }
                actions={
                  <Button aria-label={`Let in ${ban.range} again`} onClick={() => setRemoving(ban)}>
                    Let in
                  </Button>
                }
              />
            ))}
          </ul>
          {data?.bans.length === 0 && (
            <EmptyState icon={<Network size={26} />} title="No network is kept out" level="h2" />
          )}
        </Section>
        {removing && (
          <ConfirmDialog
            title="Let the network in again?"
            verb="Let in"
            onConfirm={async () => {
              await client.call('removeAddressBan', { params: { banId: removing.id } });
              toast('The network is let in again.');
              reload();
            }}
            onClose={() => setRemoving(null)}
          >
            People can sign up and sign in from {removing.range}.
          </ConfirmDialog>
        )}
      </div>
    </ConsolePage>
  );
}
