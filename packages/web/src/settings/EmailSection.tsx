import type { Profile } from '@confab/sdk';
import { useState } from 'react';
import { withStepUp } from '../auth/step-up.tsx';
import { client } from '../lib/client.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Badge } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { Section } from '../ui/Section.tsx';

const ADVICE = { email: 'Enter an address like name@example.com.' };

/** `mail`: whether the server sends any. */
export function EmailSection({ me, mail }: { me: Profile; mail: boolean }) {
  const [sentTo, setSentTo] = useState<string | null>(null);
  const again = useSubmit(async () => {
    await client.call('sendVerification');
    setSentTo(me.email);
  });
  const change = useSubmit(async (form) => {
    const email = textOf(form, 'email').trim();
    await withStepUp(() => client.call('changeEmail', { body: { email } }));
    setSentTo(email);
  }, ADVICE);

  return (
    <Section title="Email" note="For signing in, and for setting a new password when you forgot yours.">
      {me.email !== null && (
        <p className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="font-medium break-all">{me.email}</span>
          {me.emailVerified ? <Badge look="good">Verified</Badge> : <Badge look="warn">Not verified</Badge>}
        </p>
      )}
      <div role="status">
        {sentTo !== null && (
          <p className="mb-4 max-w-md rounded-lg bg-accent-soft px-3 py-2.5">
            A link was mailed to <strong className="break-all">{sentTo}</strong>. Follow it while you are signed in
            here: the address counts from then on.
          </p>
        )}
      </div>
      {!mail && <p className="text-muted">This server sends no mail, so addresses can’t be verified or changed.</p>}
      {mail && me.email !== null && !me.emailVerified && (
        <form onSubmit={again.onSubmit} className="mb-5">
          <Alert>{again.problem.message}</Alert>
          <Button type="submit" busy={again.busy}>
            Send the link again
          </Button>
        </form>
      )}
      {mail && (
        <form onSubmit={change.onSubmit} noValidate className="max-w-md">
          <Alert>{change.problem.message}</Alert>
          <Field
            label={me.email === null ? 'Address' : 'New address'}
            name="email"
            type="email"
            autoComplete="email"
            error={change.problem.fields['email']}
          />
          <Button type="submit" busy={change.busy} className="mt-4">
            {me.email === null ? 'Add address' : 'Change address'}
          </Button>
        </form>
      )}
    </Section>
  );
}
