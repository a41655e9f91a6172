import { useState } from 'react';
import { client } from '../lib/client.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { Link } from '../ui/Link.tsx';
import { AuthPage } from './AuthPage.tsx';

export function Forgot() {
  const [sentTo, setSentTo] = useState<string | null>(null);
  const { busy, problem, onSubmit } = useSubmit(
    async (form) => {
      const email = textOf(form, 'email').trim();
      await client.call('forgotPassword', { body: { email } });
      setSentTo(email);
    },
    { email: 'Enter an address like name@example.com.' },
  );
  const footer = <Link to="/signin">Back to signing in</Link>;

  return (
    <AuthPage title={sentTo === null ? 'Set a new password' : 'Look into your mail'} footer={footer}>
      <div role="status">
        {sentTo !== null && (
          <p className="text-muted">
            If <strong className="font-medium break-words text-ink">{sentTo}</strong> has an account here, a link to set
            a new password is on its way to it.
          </p>
        )}
      </div>
      {sentTo === null && (
        <form onSubmit={onSubmit} noValidate>
          <Alert>{problem.message}</Alert>
          <Field
            label="Email"
            name="email"
            type="email"
            autoComplete="email"
            autoFocus
            hint="We send you a link to set a new password."
            error={problem.fields['email']}
          />
          <Button type="submit" look="primary" busy={busy} className="mt-6 w-full">
            Send the link
          </Button>
        </form>
      )}
    </AuthPage>
  );
}
