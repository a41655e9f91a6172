import { ConfabError } from '@confab/sdk';
import { useRef } from 'react';
import { PasswordField } from '../auth/PasswordField.tsx';
import { withStepUp } from '../auth/step-up.tsx';
import { client } from '../lib/client.ts';
import { fieldProblem, textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Section } from '../ui/Section.tsx';
import { toast } from '../ui/toasts.tsx';

export function PasswordSection({ hasPassword, onChanged }: { hasPassword: boolean; onChanged: () => void }) {
  const form = useRef<HTMLFormElement>(null);
  const { busy, problem, onSubmit } = useSubmit(async (data) => {
    const current = textOf(data, 'current');
    if (hasPassword && current === '') throw fieldProblem('current', 'Enter your present password.');
    const body = { password: textOf(data, 'password'), ...(hasPassword && { current }) };
    await withStepUp(() => client.call('changePassword', { body })).catch((thrown: unknown) => {
      if (!(thrown instanceof ConfabError) || thrown.code !== 'invalid_credentials') throw thrown;
      throw fieldProblem('current', 'That is not your present password.');
    });
    form.current?.reset();
    toast('The password is set. Your other sessions have ended.');
    onChanged();
  });
  const { fields } = problem;
  return (
    <Section title="Password" note={hasPassword ? 'Changing it signs you out everywhere else.' : 'You have none yet.'}>
      <form ref={form} onSubmit={onSubmit} noValidate className="max-w-md">
        <Alert>{problem.message}</Alert>
        <div className="space-y-5">
          {hasPassword && (
            <PasswordField
              label="Present password"
              name="current"
              autoComplete="current-password"
              error={fields['current']}
            />
          )}
          <PasswordField
            label="New password"
            autoComplete="new-password"
            hint="At least 8 characters."
            error={fields['password']}
          />
        </div>
        <Button type="submit" busy={busy} className="mt-4">
          {hasPassword ? 'Change password' : 'Set password'}
        </Button>
      </form>
    </Section>
  );
}
