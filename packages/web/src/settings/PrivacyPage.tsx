import type { ChatPreferences, Settings } from '@confab/sdk';
import { useCallback, useState } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client, useClient } from '../lib/client.ts';
import { changeSettings, useSettings } from '../lib/settings.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { MyReports } from '../report/MyReports.tsx';
import { Alert } from '../ui/Alert.tsx';
import { Section } from '../ui/Section.tsx';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';
import { BlockedPeople } from './BlockedPeople.tsx';

const CHOICES: readonly (readonly [keyof ChatPreferences, string, string])[] = [
  ['shareReads', 'Show others what I have read', 'Without it, your name is left out of “Seen by”.'],
  [
    'shareLastSeen',
    'Show others when I was last here',
    'Without it, they see whether you are here, but not since when.',
  ],
];

const DIRECT_FROM: readonly (readonly [Settings['privacy']['directFrom'], string])[] = [
  ['everyone', 'Everyone'],
  ['shared_rooms', 'People I share a room with'],
  ['nobody', 'Nobody'],
];

/** What others may see and do. */
export function PrivacyPage() {
  const settings = useSettings();
  const hasDirect = useClient((known) => known.may('directRoom'));
  const { data, problem } = useLoaded(useCallback(() => client.preferences(), []));
  const [changed, setChanged] = useState<Partial<ChatPreferences>>({});
  const shown = data && { ...data, ...changed };
  return (
    <>
      <Section title="What others see">
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
          {settings && (
            <Switch
              label="Let people find me"
              hint="Without it, only those who know your exact username find you by search."
              checked={settings.privacy.findable}
              onChange={(event) => changeSettings({ privacy: { findable: event.target.checked } })}
            />
          )}
        </div>
      </Section>
      {settings && hasDirect && (
        <Section title="Direct messages">
          <Select
            label="Who may begin a direct conversation with me, or put me into a room"
            className="max-w-sm"
            value={settings.privacy.directFrom}
            options={DIRECT_FROM}
            onChange={(event) => {
              const chosen = DIRECT_FROM.find(([value]) => value === event.target.value);
              if (chosen) changeSettings({ privacy: { directFrom: chosen[0] } });
            }}
          />
        </Section>
      )}
      <BlockedPeople />
      <MyReports />
    </>
  );
}
