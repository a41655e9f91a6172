import type { Identity } from '@confab/sdk';
import { Link2 } from 'lucide-react';
import { useState } from 'react';
import { withStepUp } from '../auth/step-up.tsx';
import { refusalWords } from '../auth/words.ts';
import { attempt } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { useFragment } from '../lib/fragment.ts';
import { dayOf } from '../lib/time.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { Row } from '../ui/Row.tsx';
import { Section } from '../ui/Section.tsx';

interface Provider {
  id: string;
  name: string;
}

interface Props {
  identities: readonly Identity[];
  /** Those this server knows. */
  providers: readonly Provider[];
  onChanged: () => void;
}

/** Accounts elsewhere that sign in here. */
export function Identities({ identities, providers, onChanged }: Props) {
  const [unlinking, setUnlinking] = useState<Provider | null>(null);
  // What linking came to, when it has just led back here.
  const linked = useFragment('linked');
  const refused = useFragment('error');
  // One that is linked can be unlinked also after the server no longer knows its provider.
  const gone = identities.filter(({ provider }) => !providers.some(({ id }) => id === provider));
  const all = [...providers, ...gone.map(({ provider }) => ({ id: provider, name: provider }))];
  if (all.length === 0) return null;

  const link = (provider: string) =>
    attempt(
      withStepUp(() => client.call('linkIdentity', { params: { provider } })).then((answer) =>
        location.assign(answer.location),
      ),
    );

  return (
    <Section title="Accounts elsewhere" note="Sign in here with an account you have at another place.">
      <Alert>{refused === null ? null : refusalWords(refused)}</Alert>
      <div role="status">
        {all.some(({ id }) => id === linked) && (
          <p className="mb-4 rounded-lg bg-accent-soft px-3 py-2.5">The account is linked: you can sign in with it.</p>
        )}
      </div>
      <ul aria-label="Accounts elsewhere">
        {all.map((provider) => {
          const identity = identities.find((one) => one.provider === provider.id);
          return (
            <Row
              key={provider.id}
              icon={<Link2 size={19} />}
              title={provider.name}
              note={
                identity === undefined
                  ? 'Not linked'
                  : `Linked on ${dayOf(identity.createdAt)}${identity.name === null ? '' : ` · ${identity.name}`}`
              }
              actions={
                identity === undefined ? (
                  <Button aria-label={`Link ${provider.name}`} onClick={() => link(provider.id)}>
                    Link
                  </Button>
                ) : (
                  <Button look="danger" aria-label={`Unlink ${provider.name}`} onClick={() => setUnlinking(provider)}>
                    Unlink
                  </Button>
                )
              }
            />
          );
        })}
      </ul>
      {unlinking && (
        <ConfirmDialog
          title={`Unlink ${unlinking.name}?`}
          verb="Unlink"
          onConfirm={async () => {
            const params = { provider: unlinking.id };
            await withStepUp(() => client.call('unlinkIdentity', { params }));
            onChanged();
          }}
          onClose={() => setUnlinking(null)}
        >
          Your account at {unlinking.name} no longer signs in here.
        </ConfirmDialog>
      )}
    </Section>
  );
}
