import { useState } from 'react';
import { client, useClient } from '../lib/client.ts';
import { useFragment } from '../lib/fragment.ts';
import { useSubmit } from '../lib/problems.ts';
import { navigate } from '../lib/router.ts';
import { profileChanged } from '../app/session.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { AuthPage } from './AuthPage.tsx';
import { BROKEN_LINK } from './words.ts';

/**
 * Where the link of the mail leads. It works once, and programs that look at links on their way to the person open the
 * page as well: so it is not used up before somebody presses the button.
 */
export function VerifyEmail() {
  const token = useFragment('token');
  const me = useClient((known) => known.me);
  const [email, setEmail] = useState<string | null>(null);
  const { busy, problem, onSubmit } = useSubmit(
    async () => {
      const verified = await client.call('verifyEmail', { body: { token: token ?? '' } });
      setEmail(verified.email);
      profileChanged();
    },
    { token: BROKEN_LINK },
  );
  const goOn = (
    <Button look="primary" autoFocus className="w-full" onClick={() => navigate('/', { replace: true })}>
      {me === null ? 'Go to signing in' : 'Go to your conversations'}
    </Button>
  );

  return (
    <AuthPage title={email === null ? 'Confirm your address' : 'Your address is confirmed'}>
      <div role="status">
        {email !== null && (
          <p className="mb-6 text-muted">
            <strong className="font-medium break-words text-ink">{email}</strong> is proven to be yours.
          </p>
        )}
      </div>
      {email !== null ? (
        goOn
      ) : token === null ? (
        <>
          <Alert>{BROKEN_LINK}</Alert>
          {goOn}
        </>
      ) : (
        <form onSubmit={onSubmit} noValidate>
          <Alert>{problem.message ?? problem.fields['token'] ?? null}</Alert>
          <p className="mb-6 text-muted">Press the button to prove that this address is yours.</p>
          <Button type="submit" look="primary" busy={busy} autoFocus className="w-full">
            Confirm my address
          </Button>
        </form>
      )}
    </AuthPage>
  );
}
