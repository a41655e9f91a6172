import { useState } from 'react';
import { textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { AuthPage } from './AuthPage.tsx';
import { BanAppeal } from './BanAppeal.tsx';
import { CodeField } from './CodeField.tsx';
import { enter } from './enter.ts';

interface Props {
  /** null: the link that led here brought none. */
  challenge: string | null;
  onBack: () => void;
}

/** The second half of signing in. */
export function SecondFactor({ challenge, onBack }: Props) {
  const [recovery, setRecovery] = useState(false);
  const { busy, problem, onSubmit } = useSubmit(
    async (form) => {
      await enter('secondFactor', { challenge: challenge ?? '', code: textOf(form, 'code').trim() });
    },
    {
      code: recovery ? 'Enter one of your recovery codes.' : 'Enter the 6 digits that the app shows.',
      challenge: 'This sign-in has expired. Start again.',
    },
  );
  const message = challenge === null ? 'This sign-in has expired. Start again.' : problem.message;
  return (
    <AuthPage title="Confirm that it is you">
      <Alert>{message}</Alert>
      <BanAppeal token={problem.appeal} />
      <form onSubmit={onSubmit} noValidate>
        {challenge !== null && (
          <>
            <CodeField
              key={String(recovery)}
              label={recovery ? 'Recovery code' : 'Code'}
              hint={
                recovery ? 'Each of them works once.' : 'Open your authenticator app and enter the code it shows now.'
              }
              letters={recovery}
              error={problem.fields['code']}
            />
            <Button type="submit" look="primary" busy={busy} className="mt-6 w-full">
              Continue
            </Button>
            <Button className="mt-2.5 w-full" onClick={() => setRecovery(!recovery)}>
              {recovery ? 'Use the authenticator app' : 'Use a recovery code'}
            </Button>
          </>
        )}
        <Button look="quiet" className="mt-2.5 w-full" onClick={onBack}>
          Start again
        </Button>
      </form>
    </AuthPage>
  );
}
