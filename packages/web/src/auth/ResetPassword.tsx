import { useState } from 'react';
import { client } from '../lib/client.ts';
import { useFragment } from '../lib/fragment.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { navigate } from '../lib/router.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Link } from '../ui/Link.tsx';
import { AuthPage } from './AuthPage.tsx';
import { NewPasswordField } from './NewPasswordField.tsx';
import { BROKEN_LINK } from './words.ts';

/** Where the link of the mail leads. */
export function ResetPassword() {
  const token = useFragment('token');
  const [done, setDone] = useState(false);
  const { busy, problem, onSubmit } = useSubmit(
    async (form) => {
      await client.call('resetPassword', { body: { token: token ?? '', password: textOf(form, 'password') } });
      setDone(true);
    },
    { token: BROKEN_LINK },
  );
  const again = (
    <>
      The link doesn’t work? <Link to="/forgot">Get another one</Link>
    </>
  );

  return (
    <AuthPage title="Set a new password" footer={done ? undefined : again}>
      <div role="status">
        {done && <p className="mb-6 text-muted">Your new password is set, and you are signed out everywhere.</p>}
      </div>
      {done ? (
        <Button look="primary" className="w-full" autoFocus onClick={() => navigate('/signin', { replace: true })}>
          Go to signing in
        </Button>
      ) : token === null ? (
        <Alert>{BROKEN_LINK}</Alert>
      ) : (
        <form onSubmit={onSubmit} noValidate>
          <Alert>{problem.message ?? problem.fields['token'] ?? null}</Alert>
          <NewPasswordField label="New password" autoFocus error={problem.fields['password']} />
          <Button type="submit" look="primary" busy={busy} className="mt-6 w-full">
            Set the password
          </Button>
        </form>
      )}
    </AuthPage>
  );
}
