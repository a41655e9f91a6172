import type { LiveRoom, NotifyLevel, RoomState } from '@confab/sdk';
import { useNow } from '../lib/now.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { exactTime, FOREVER } from '../lib/time.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { Select } from '../ui/Select.tsx';

const LEVELS: readonly (readonly [NotifyLevel, string])[] = [
  ['all', 'Every message'],
  ['mentions', 'Only when I am mentioned'],
  ['none', 'Nothing'],
];
const HOUR_MS = 3_600_000;

interface Props {
  room: LiveRoom;
  state: RoomState;
  onClose: () => void;
}

/** What of a room I am told of. */
export function NotificationsDialog({ room, state, onClose }: Props) {
  const { mutedUntil, notify } = state.me;
  const now = useNow();
  const muted = mutedUntil !== null && mutedUntil > now;
  const { busy, problem, onSubmit } = useSubmit(async (form) => {
    const mute = textOf(form, 'mute');
    const level = LEVELS.find(([name]) => name === textOf(form, 'notify'))?.[0] ?? notify;
    await room.updateMe({
      notify: level,
      ...(mute !== 'keep' && {
        mutedUntil: mute === 'off' ? null : mute === 'forever' ? FOREVER : Date.now() + Number(mute) * HOUR_MS,
      }),
    });
    onClose();
  });
  const until = mutedUntil !== null && mutedUntil < FOREVER ? `Until ${exactTime(mutedUntil)}` : 'Until I unmute it';
  return (
    <Dialog title="Notifications" onClose={onClose}>
      <form onSubmit={onSubmit}>
        <Alert>{problem.message}</Alert>
        <div className="space-y-5">
          <Select label="Tell me of" name="notify" defaultValue={notify} options={LEVELS} />
          <Select
            label="Mute"
            name="mute"
            defaultValue={muted ? 'keep' : 'off'}
            options={[
              ...(muted ? [['keep', until] as const] : []),
              ['off', 'Not muted'],
              ['1', 'For an hour'],
              ['8', 'For 8 hours'],
              ['168', 'For a week'],
              ['forever', 'Until I unmute it'],
            ]}
          />
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
