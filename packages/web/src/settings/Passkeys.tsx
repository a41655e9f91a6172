import type { Passkey } from '@confab/sdk';
import { Fingerprint, Pencil } from 'lucide-react';
import { useState } from 'react';
import { makePasskey } from '../auth/passkeys.ts';
import { withStepUp } from '../auth/step-up.tsx';
import { client } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { textOf } from '../lib/problems.ts';
import { ago, dayOf } from '../lib/time.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { Row } from '../ui/Row.tsx';
import { Section } from '../ui/Section.tsx';
import { NameDialog } from './NameDialog.tsx';

interface Props {
  passkeys: readonly Passkey[];
  enabled: boolean;
  onChanged: () => void;
}

type Asking = { what: 'add' } | { what: 'rename' | 'remove'; passkey: Passkey };

/** Ways in without a password: a fingerprint, a face, a PIN, a security key. */
export function Passkeys({ passkeys, enabled, onChanged }: Props) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const now = useNow();
  const close = () => setAsking(null);
  if (!enabled && passkeys.length === 0) return null;

  async function add(name: string) {
    const { challenge, options } = await withStepUp(() => client.call('newPasskey'));
    const response = await makePasskey(options);
    await client.call('addPasskey', { body: { challenge, response, name } });
    onChanged();
  }

  return (
    <Section
      title="Passkeys"
      note="Sign in with your fingerprint, your face, a PIN or a security key. Nothing can be guessed or stolen from here."
    >
      {passkeys.length > 0 && (
        <ul aria-label="Passkeys" className="mb-4">
          {passkeys.map((passkey) => (
            <Row
              key={passkey.id}
              icon={<Fingerprint size={19} />}
              title={passkey.name}
              note={`Added on ${dayOf(passkey.createdAt)} · ${
                passkey.lastUsedAt === null ? 'not used yet' : `used ${ago(passkey.lastUsedAt, now)}`
              }`}
              actions={
                <>
                  <IconButton label={`Rename ${passkey.name}`} onClick={() => setAsking({ what: 'rename', passkey })}>
                    <Pencil size={17} aria-hidden />
                  </IconButton>
                  <Button
                    look="danger"
                    aria-label={`Remove ${passkey.name}`}
                    onClick={() => setAsking({ what: 'remove', passkey })}
                  >
                    Remove
                  </Button>
                </>
              }
            />
          ))}
        </ul>
      )}
      {enabled && <Button onClick={() => setAsking({ what: 'add' })}>Add a passkey</Button>}
      {asking?.what === 'add' && (
        <NameDialog
          title="Add a passkey"
          verb="Continue"
          name="This device"
          hint="For you, to tell your passkeys from each other."
          onSubmit={(form) => add(textOf(form, 'name'))}
          onClose={close}
        />
      )}
      {asking?.what === 'rename' && (
        <NameDialog
          title="Rename the passkey"
          verb="Save"
          name={asking.passkey.name}
          onSubmit={async (form) => {
            const params = { passkeyId: asking.passkey.id };
            await client.call('renamePasskey', { params, body: { name: textOf(form, 'name') } });
            onChanged();
          }}
          onClose={close}
        />
      )}
      {asking?.what === 'remove' && (
        <ConfirmDialog
          title={`Remove ${asking.passkey.name}?`}
          verb="Remove"
          onConfirm={async () => {
            const params = { passkeyId: asking.passkey.id };
            await withStepUp(() => client.call('removePasskey', { params }));
            onChanged();
          }}
          onClose={close}
        >
          It no longer lets you in. Remove it from your device as well.
        </ConfirmDialog>
      )}
    </Section>
  );
}
