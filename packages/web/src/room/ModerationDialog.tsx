import type { LiveRoom, RoomState } from '@confab/sdk';
import { client } from '../lib/client.ts';
import { useNow } from '../lib/now.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { HOLDS, SLOW_MODES } from '../moderation/words.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';
import { may, seatOf } from './rights.ts';
import { waitName } from './wait-name.ts';

interface Props {
  room: LiveRoom;
  state: RoomState;
  onClose: () => void;
}

/** What moderators set in a room; admins of it also who writes at all, and whose messages wait. */
export function ModerationDialog({ room, state, onClose }: Props) {
  const now = useNow();
  const { slowMode, lockedAt, readOnly, hold, raidUntil } = state.room.moderation;
  const configures = may('configureModeration', seatOf(state));
  const isRaid = raidUntil !== null && raidUntil > now;
  const { busy, problem, onSubmit } = useSubmit(async (form) => {
    const body = {
      slowMode: Number(textOf(form, 'slowMode')),
      locked: form.has('locked'),
      ...(form.has('raidOver') && { raid: false as const }),
      ...(configures && {
        readOnly: form.has('readOnly'),
        hold: HOLDS.map(([value]) => value).filter((value) => form.has(`hold.${value}`)),
      }),
    };
    await client.call('moderateRoom', { params: { roomId: room.id }, body });
    onClose();
  });
  const known = SLOW_MODES.some(([value]) => value === String(slowMode));

  return (
    <Dialog title="Moderation" onClose={onClose}>
      <form onSubmit={onSubmit} noValidate>
        <Alert>{problem.message}</Alert>
        <div className="space-y-5">
          <Select
            label="Slow mode: one message per person every"
            name="slowMode"
            defaultValue={String(slowMode)}
            options={known ? SLOW_MODES : [...SLOW_MODES, [String(slowMode), waitName(slowMode)]]}
          />
          <Switch
            label="Lock the room"
            name="locked"
            hint="Nobody but moderators writes, reacts or joins."
            defaultChecked={lockedAt !== null}
          />
          {configures && (
            <>
              <Switch
                label="Read-only"
                name="readOnly"
                hint="Only moderators write; everyone may react."
                defaultChecked={readOnly}
              />
              <fieldset>
                <legend className="mb-2 text-sm font-medium">Hold for approval</legend>
                <div className="space-y-2">
                  {HOLDS.map(([value, label]) => (
                    <Switch key={value} label={label} name={`hold.${value}`} defaultChecked={hold.includes(value)} />
                  ))}
                </div>
              </fieldset>
            </>
          )}
          {isRaid && (
            <Switch
              label="The raid is over"
              name="raidOver"
              hint="Until then what newcomers write waits for approval."
            />
          )}
        </div>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
