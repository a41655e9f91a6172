import type { HoldFor, Profile, Room } from '@confab/sdk';
import { useState } from 'react';
import { client } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';
import { toast } from '../ui/toasts.tsx';
import { FormDialog } from './FormDialog.tsx';
import { mayConfigure } from './scope.ts';
import { HOLDS, SLOW_MODES } from './words.ts';

interface Props {
  room: Room;
  me: Profile;
  onSaved: (room: Room) => void;
  onClose: () => void;
}

/** Slow mode, lock, read-only, whose messages wait for approval, and the end of a raid. */
export function RoomSettingsDialog({ room, me, onSaved, onClose }: Props) {
  const before = room.moderation;
  const [slowMode, setSlowMode] = useState(String(before.slowMode));
  const [locked, setLocked] = useState(before.lockedAt !== null);
  const [readOnly, setReadOnly] = useState(before.readOnly);
  const [hold, setHold] = useState<readonly HoldFor[]>(before.hold);
  const [endRaid, setEndRaid] = useState(false);
  const now = useNow();
  const raided = before.raidUntil !== null && before.raidUntil > now;
  const configures = mayConfigure(room, me);
  const slowModes = SLOW_MODES.some(([value]) => value === slowMode)
    ? SLOW_MODES
    : [...SLOW_MODES, [slowMode, `${slowMode} seconds`] as const];

  return (
    <FormDialog
      title={`Moderate ${room.name ?? 'the room'}`}
      verb="Save"
      onSubmit={async () => {
        const saved = await client.call('moderateRoom', {
          params: { roomId: room.id },
          body: {
            slowMode: Number(slowMode),
            locked,
            ...(endRaid && { raid: false as const }),
            ...(configures && { readOnly, hold: [...hold] }),
          },
        });
        toast('Saved.');
        onSaved(saved);
      }}
      onClose={onClose}
    >
      {() => (
        <>
          <Select
            label="Slow mode: time between two messages of one person"
            value={slowMode}
            options={slowModes}
            onChange={(event) => setSlowMode(event.target.value)}
          />
          <Switch
            label="Locked"
            hint="Nobody but moderators writes, reacts or comes in."
            checked={locked}
            onChange={(event) => setLocked(event.target.checked)}
          />
          {configures && (
            <>
              <Switch
                label="Read-only"
                hint="Only moderators write; everyone may react."
                checked={readOnly}
                onChange={(event) => setReadOnly(event.target.checked)}
              />
              <fieldset className="space-y-2">
                <legend className="mb-1.5 text-sm font-medium">What waits for approval</legend>
                {HOLDS.map(([value, name]) => (
                  <Switch
                    key={value}
                    label={name}
                    checked={hold.includes(value)}
                    onChange={(event) =>
                      setHold(event.target.checked ? [...hold, value] : hold.filter((other) => other !== value))
                    }
                  />
                ))}
              </fieldset>
            </>
          )}
          {raided && (
            <Switch
              label="The raid is over"
              hint="What newcomers write no longer waits for approval."
              checked={endRaid}
              onChange={(event) => setEndRaid(event.target.checked)}
            />
          )}
        </>
      )}
    </FormDialog>
  );
}
