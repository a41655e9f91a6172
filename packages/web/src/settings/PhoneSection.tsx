import { useState } from 'react';
import { profileChanged } from '../app/session.ts';
import { CodeField } from '../auth/CodeField.tsx';
import { withStepUp } from '../auth/step-up.tsx';
import { client } from '../lib/client.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { Field } from '../ui/Field.tsx';
import { Section } from '../ui/Section.tsx';
import { toast } from '../ui/toasts.tsx';

/** `sms`: whether the server sends text messages. */
export function PhoneSection({ phone, sms }: { phone: string | null; sms: boolean }) {
  const [texted, setTexted] = useState<string | null>(null);
  const [removing, setRemoving] = useState(false);
  return (
    <Section title="Mobile number" note="Only you see it.">
      {phone !== null && (
        <p className="mb-4 flex flex-wrap items-center gap-3">
          <span className="font-medium">{phone}</span>
          <Button look="danger" onClick={() => setRemoving(true)}>
            Remove
          </Button>
        </p>
      )}
      {!sms && <p className="text-muted">This server sends no text messages, so numbers can’t be added.</p>}
      {sms &&
        (texted === null ? (
          <NumberForm isNew={phone === null} onTexted={setTexted} />
        ) : (
          <CodeForm phone={texted} onDone={() => setTexted(null)} />
        ))}
      {removing && (
        <ConfirmDialog
          title="Remove the number?"
          verb="Remove"
          onConfirm={async () => {
            await withStepUp(() => client.call('removePhone'));
            profileChanged();
          }}
          onClose={() => setRemoving(false)}
        >
          {phone} is forgotten here.
        </ConfirmDialog>
      )}
    </Section>
  );
}

function NumberForm({ isNew, onTexted }: { isNew: boolean; onTexted: (phone: string) => void }) {
  const { busy, problem, onSubmit } = useSubmit(
    async (form) => {
      const phone = textOf(form, 'phone');
      await withStepUp(() => client.call('setPhone', { body: { phone } }));
      onTexted(phone);
    },
    { phone: 'Enter the number with its country, such as +49 151 12345678.' },
  );
  return (
    <form onSubmit={onSubmit} noValidate className="max-w-md">
      <Alert>{problem.message}</Alert>
      <Field
        label={isNew ? 'Number' : 'New number'}
        name="phone"
        type="tel"
        autoComplete="tel"
        hint="With its country, such as +49 151 12345678. A code is texted to it."
        error={problem.fields['phone']}
      />
      <Button type="submit" busy={busy} className="mt-4">
        {isNew ? 'Add number' : 'Change number'}
      </Button>
    </form>
  );
}

function CodeForm({ phone, onDone }: { phone: string; onDone: () => void }) {
  const { busy, problem, onSubmit } = useSubmit(
    async (form) => {
      await client.call('verifyPhone', { body: { code: textOf(form, 'code') } });
      onDone();
      toast('The number is yours.');
    },
    { code: 'Enter the 6 digits of the message.' },
  );
  return (
    <form onSubmit={onSubmit} noValidate className="max-w-md">
      <Alert>{problem.message}</Alert>
      <CodeField label="Code" hint={`It was texted to ${phone}.`} error={problem.fields['code']} />
      <div className="mt-4 flex gap-3">
        <Button type="submit" look="primary" busy={busy}>
          Verify
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </form>
  );
}
