import type { AutomodAction } from '@confab/sdk';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';
import { MUTES } from './rule-words.ts';

const FATES = [
  ['none', 'Goes through'],
  ['hold', 'Waits for approval'],
  ['reject', 'Is rejected'],
] as const;
type Fate = (typeof FATES)[number][0];

interface Props {
  actions: readonly AutomodAction[];
  onChange: (actions: AutomodAction[]) => void;
}

/** What follows: one thing with the message, and more with its author. */
export function ActionFields({ actions, onChange }: Props) {
  const fate: Fate = actions.some(({ type }) => type === 'reject')
    ? 'reject'
    : actions.some(({ type }) => type === 'hold')
      ? 'hold'
      : 'none';
  const mute = actions.find((action) => action.type === 'mute');
  const has = (type: AutomodAction['type']) => actions.some((action) => action.type === type);
  const without = (...types: AutomodAction['type'][]) => actions.filter(({ type }) => !types.includes(type));
  const set = (action: AutomodAction, on: boolean) =>
    onChange(on ? [...without(action.type), action] : without(action.type));
  return (
    <fieldset className="space-y-4">
      <legend className="sr-only">What follows</legend>
      <Select
        label="The message"
        value={fate}
        options={FATES}
        onChange={(event) => {
          const rest = without('hold', 'reject');
          const { value } = event.target;
          onChange(value === 'hold' || value === 'reject' ? [{ type: value }, ...rest] : rest);
        }}
      />
      <Switch
        label="Tell moderators"
        checked={has('alert')}
        onChange={(event) => set({ type: 'alert' }, event.target.checked)}
      />
      <Switch
        label="Warn its author"
        checked={has('warn')}
        onChange={(event) => set({ type: 'warn' }, event.target.checked)}
      />
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        <Switch
          label="Mute its author"
          checked={mute !== undefined}
          onChange={(event) => set({ type: 'mute', seconds: 3600 }, event.target.checked)}
        />
        {mute && (
          <Select
            label="For how long"
            className="w-40"
            value={String(mute.seconds)}
            options={
              MUTES.some(([value]) => value === String(mute.seconds))
                ? MUTES
                : [...MUTES, [String(mute.seconds), `${mute.seconds} seconds`] as const]
            }
            onChange={(event) => set({ type: 'mute', seconds: Number(event.target.value) }, true)}
          />
        )}
      </div>
    </fieldset>
  );
}
