import { changeSettings, useSettings } from '../lib/settings.ts';
import { setTheme, type Theme, useTheme } from '../lib/theme.ts';
import type { ClockChoice } from '../lib/time.ts';
import { Section } from '../ui/Section.tsx';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

const CLOCKS: readonly (readonly [ClockChoice, string])[] = [
  ['auto', 'As the language has it'],
  ['12', '12 hours'],
  ['24', '24 hours'],
];

/** How writing and reading work, and how this device looks. */
export function ChatPage() {
  const theme = useTheme();
  const chat = useSettings()?.chat;
  return (
    <>
      {chat && (
        <Section title="Writing">
          <Switch
            label="Enter sends"
            hint="Without it, Enter begins a new line, and Ctrl+Enter sends."
            checked={chat.enterSends}
            onChange={(event) => changeSettings({ chat: { enterSends: event.target.checked } })}
          />
        </Section>
      )}
      <Section title="Appearance">
        <div className="max-w-sm space-y-5">
          <Select
            label="Colours on this device"
            value={theme}
            options={THEMES}
            onChange={(event) => {
              const chosen = THEMES.find(([name]) => name === event.target.value);
              if (chosen) setTheme(chosen[0]);
            }}
          />
          {chat && (
            <>
              <Select
                label="Clock"
                value={chat.clock}
                options={CLOCKS}
                onChange={(event) => {
                  const chosen = CLOCKS.find(([value]) => value === event.target.value);
                  if (chosen) changeSettings({ chat: { clock: chosen[0] } });
                }}
              />
              <Switch
                label="Animations"
                hint="They are left out as well where the system asks for less motion."
                checked={chat.animations}
                onChange={(event) => changeSettings({ chat: { animations: event.target.checked } })}
              />
            </>
          )}
        </div>
      </Section>
    </>
  );
}
