import type { Settings } from '@confab/sdk';
import { changeSettings, useSettings } from '../lib/settings.ts';
import { Section } from '../ui/Section.tsx';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';

type Notifications = Settings['notifications'];

const SWITCHES: readonly (readonly ['push' | 'sound' | 'preview', string, string])[] = [
  ['push', 'Notify my devices', 'Of what happens while you are not looking, on the devices you have allowed it on.'],
  ['sound', 'Play a sound', 'When something new arrives.'],
  ['preview', 'Show what was written', 'Without it, a notification says only that there is something new.'],
];

const DIGESTS: readonly (readonly [Notifications['emailDigest'], string])[] = [
  ['never', 'Never'],
  ['daily', 'Every day'],
  ['weekly', 'Every week'],
];

/** What is told of, and how. Each room can be muted on its own, in its menu. */
export function NotificationsPage() {
  const settings = useSettings();
  if (settings === null) return null;
  const { notifications } = settings;
  return (
    <>
      <Section title="Notifications" note="Each room has a setting of its own beside these, in its menu.">
        <div className="space-y-4">
          {SWITCHES.map(([name, label, hint]) => (
            <Switch
              key={name}
              label={label}
              hint={hint}
              checked={notifications[name]}
              onChange={(event) => changeSettings({ notifications: { [name]: event.target.checked } })}
            />
          ))}
        </div>
      </Section>
      <Section title="By email">
        <Select
          label="Mail me what I missed"
          className="max-w-sm"
          value={notifications.emailDigest}
          options={DIGESTS}
          onChange={(event) => {
            const chosen = DIGESTS.find(([value]) => value === event.target.value);
            if (chosen) changeSettings({ notifications: { emailDigest: chosen[0] } });
          }}
        />
      </Section>
    </>
  );
}
