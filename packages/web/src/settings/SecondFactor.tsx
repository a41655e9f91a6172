import { useState } from 'react';
import { withStepUp } from '../auth/step-up.tsx';
import { attempt } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { count } from '../lib/words.ts';
import { Badge } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { Section } from '../ui/Section.tsx';
import { AuthenticatorDialog } from './AuthenticatorDialog.tsx';
import { RecoveryCodesDialog } from './RecoveryCodesDialog.tsx';

interface Props {
  on: boolean;
  /** How many are left. */
  recoveryCodes: number;
  onChanged: () => void;
}

interface Secret {
  secret: string;
  uri: string;
}

/** Codes of an authenticator app, beside the password. */
export function SecondFactor({ on, recoveryCodes, onChanged }: Props) {
  const [secret, setSecret] = useState<Secret | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [asking, setAsking] = useState<'off' | 'codes' | null>(null);
  const start = () => attempt(withStepUp(() => client.call('startTotp')).then(setSecret));
  const close = () => setAsking(null);

  function show(next: readonly string[]) {
    setSecret(null);
    setCodes(next);
    onChanged();
  }

  return (
    <Section
      title="Second factor"
      note="With it, whoever knows your password still needs a code of an app on your phone to get in."
    >
      <div className="flex flex-wrap items-center gap-3">
        {on ? <Badge look="good">On</Badge> : <Badge>Off</Badge>}
        {on && (
          <span className={recoveryCodes < 3 ? 'text-warn' : 'text-muted'}>
            {count(recoveryCodes, 'recovery code')} left
          </span>
        )}
      </div>
      <div className="mt-4 flex flex-wrap gap-3">
        {on ? (
          <>
            <Button onClick={() => setAsking('codes')}>New recovery codes</Button>
            <Button onClick={start}>Use another app</Button>
            <Button look="danger" onClick={() => setAsking('off')}>
              Switch off
            </Button>
          </>
        ) : (
          <Button look="primary" onClick={start}>
            Set up
          </Button>
        )}
      </div>
      {secret && <AuthenticatorDialog {...secret} onConfirmed={show} onClose={() => setSecret(null)} />}
      {codes && <RecoveryCodesDialog codes={codes} onClose={() => setCodes(null)} />}
      {asking === 'off' && (
        <ConfirmDialog
          title="Switch the second factor off?"
          verb="Switch off"
          onConfirm={() => withStepUp(() => client.call('removeTotp')).then(onChanged)}
          onClose={close}
        >
          Whoever knows your password gets in with it alone. Your recovery codes stop working.
        </ConfirmDialog>
      )}
      {asking === 'codes' && (
        <ConfirmDialog
          title="Make new recovery codes?"
          verb="Make new ones"
          onConfirm={() =>
            withStepUp(() => client.call('newRecoveryCodes')).then((answer) => show(answer.recoveryCodes))
          }
          onClose={close}
        >
          The old ones stop working.
        </ConfirmDialog>
      )}
    </Section>
  );
}
