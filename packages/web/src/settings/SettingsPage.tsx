import { type ChatPreferences, LIMITS } from '@confab/sdk';
import { useCallback, useState } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client, useClient } from '../lib/client.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { setTheme, type Theme, useTheme } from '../lib/theme.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import { SubPage } from '../ui/SubPage.tsx';
import { Switch } from '../ui/Switch.tsx';
import { toast } from '../ui/toasts.tsx';
import { BlockedPeople } from './BlockedPeople.tsx';

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

/** My name, what others see of me, whom I block, and how this device looks. */
export function SettingsPage() {
  const theme = useTheme();
  return (
    <SubPage title="Settings">
      <div className="space-y-10 pb-8">
        <Profile />
        <Privacy />
        <section aria-labelledby="appearance">
          <h2 id="appearance" className="mb-3 text-lg font-semibold">
            Appearance
          </h2>
          <Select
            label="Colours"
            value={theme}
            options={THEMES}
            className="max-w-sm"
            onChange={(event) => {
              const chosen = THEMES.find(([name]) => name === event.target.value);
              if (chosen) setTheme(chosen[0]);
            }}
          />
        </section>
        <BlockedPeople />
      </div>
    </SubPage>
  );
}

function Profile() {
  const me = useClient((known) => known.me);
  const { busy, problem, onSubmit } = useSubmit(
    async (form) => {
      await client.call('updateProfile', { body: { name: textOf(form, 'name') } });
      toast('Saved.');
    },
    { name: `Use 1 to ${LIMITS.personName} characters.` },
  );
  return (
    <section aria-labelledby="profile">
      <h2 id="profile" className="mb-3 text-lg font-semibold">
        Profile
      </h2>
      <form onSubmit={onSubmit} noValidate className="max-w-sm">
        <Alert>{problem.message}</Alert>
        <Field
          label="Name"
          name="name"
          autoComplete="name"
          defaultValue={me?.name}
          hint={me && `People also find you as @${me.username}.`}
          error={problem.fields['name']}
        />
        <Button type="submit" look="primary" busy={busy} className="mt-4">
          Save name
        </Button>
      </form>
    </section>
  );
}

const CHOICES: readonly (readonly [keyof ChatPreferences, string, string])[] = [
  ['shareReads', 'Show others what I have read', 'Without it, your name is left out of “Seen by”.'],
  [
    'shareLastSeen',
    'Show others when I was last here',
    'Without it, they see whether you are here, but not since when.',
  ],
];

function Privacy() {
  const { data, problem } = useLoaded(useCallback(() => client.preferences(), []));
  const [changed, setChanged] = useState<Partial<ChatPreferences>>({});
  const shown = data && { ...data, ...changed };
  return (
    <section aria-labelledby="privacy">
      <h2 id="privacy" className="mb-3 text-lg font-semibold">
        Privacy
      </h2>
      <Alert>{problem}</Alert>
      <div className="space-y-4">
        {shown &&
          CHOICES.map(([name, label, hint]) => (
            <Switch
              key={name}
              label={label}
              hint={hint}
              checked={shown[name]}
              onChange={(event) =>
                attempt(client.updatePreferences({ [name]: event.target.checked }).then((now) => setChanged(now)))
              }
            />
          ))}
      </div>
    </section>
  );
}
