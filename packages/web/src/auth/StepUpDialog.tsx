import type { CallInput, Security } from '@confab/sdk';
import { useCallback, useState } from 'react';
import { client } from '../lib/client.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { CodeField } from './CodeField.tsx';
import { PasswordField } from './PasswordField.tsx';
import { provePasskey } from './passkeys.ts';

type Way = Security['stepUpWith'][number];
type Proof = CallInput<'stepUp'>['body'];

const WAYS: Record<Way, string> = {
  password: 'Use your password',
  passkey: 'Use a passkey',
  totp: 'Use your authenticator app',
  email_code: 'Get a code by email',
};

/** Asks for one of the proofs that the account has. `onClose` is told whether it was given. */
export function StepUpDialog({ onClose }: { onClose: (proven: boolean) => void }) {
  const { data, problem } = useLoaded(useCallback(() => client.call('security'), []));
  const [chosen, setChosen] = useState<Way | null>(null);
  const ways = data?.stepUpWith ?? [];
  const way = chosen ?? ways[0];
  const others = ways.filter((other) => other !== way);

  return (
    <Dialog title="Confirm that it is you" onClose={() => onClose(false)}>
      <Alert>{problem}</Alert>
      {data === null ? (
        problem === null && <Spinner label="Loading" />
      ) : way === undefined ? (
        <p className="text-muted">Sign out and sign in again: what you do shortly afterwards needs no further proof.</p>
      ) : (
        <Form key={way} way={way} onProven={() => onClose(true)} onCancel={() => onClose(false)} />
      )}
      {others.length > 0 && (
        <div className="mt-4 flex flex-wrap gap-2 border-t pt-4">
          {others.map((other) => (
            <Button key={other} look="quiet" onClick={() => setChosen(other)}>
              {WAYS[other]}
            </Button>
          ))}
        </div>
      )}
    </Dialog>
  );
}

function Form({ way, onProven, onCancel }: { way: Way; onProven: () => void; onCancel: () => void }) {
  const [mailed, setMailed] = useState(false);
  const mustMail = way === 'email_code' && !mailed;
  const { busy, problem, onSubmit } = useSubmit(
    async (form) => {
      if (mustMail) {
        await client.call('stepUpCode');
        setMailed(true);
        return;
      }
      await client.call('stepUp', { body: await proof(way, form) });
      onProven();
    },
    { password: 'Enter your password.', code: 'Enter the code.' },
  );
  const error = problem.fields['code'];

  return (
    <form onSubmit={onSubmit} noValidate>
      <Alert>{problem.message}</Alert>
      {way === 'password' && (
        <PasswordField autoComplete="current-password" autoFocus error={problem.fields['password']} />
      )}
      {way === 'totp' && <CodeField label="Code of your authenticator app, or a recovery code" letters error={error} />}
      {way === 'passkey' && <p className="text-muted">Your browser asks for your passkey.</p>}
      {mustMail && <p className="text-muted">A code is sent to your email address.</p>}
      {way === 'email_code' && mailed && <CodeField label="Code from the email" error={error} />}
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" busy={busy}>
          {mustMail ? 'Send the code' : way === 'passkey' ? 'Continue' : 'Confirm'}
        </Button>
      </DialogActions>
    </form>
  );
}

async function proof(way: Way, form: FormData): Promise<Proof> {
  if (way === 'password') return { with: way, password: textOf(form, 'password') };
  if (way !== 'passkey') return { with: way, code: textOf(form, 'code') };
  const { challenge, options } = await client.call('stepUpPasskey');
  return { with: way, challenge, response: await provePasskey(options) };
}
