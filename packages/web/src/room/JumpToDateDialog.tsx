import type { LiveRoom } from '@confab/sdk';
import { useNow } from '../lib/now.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { fromLocalInput, toLocalInput } from '../lib/time.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';

interface Props {
  room: LiveRoom;
  onShow: (n: number) => void;
  onClose: () => void;
}

export function JumpToDateDialog({ room, onShow, onClose }: Props) {
  const { busy, problem, onSubmit } = useSubmit(async (form) => {
    const at = fromLocalInput(textOf(form, 'date'));
    if (at === null) return;
    const n = await room.jumpToDate(at);
    onClose();
    if (n !== null) onShow(n);
  });
  const today = toLocalInput(useNow()).slice(0, 10);
  return (
    <Dialog title="Jump to a date" onClose={onClose}>
      <form onSubmit={onSubmit}>
        <Alert>{problem.message}</Alert>
        <Field label="Date" name="date" type="date" required autoFocus max={today} defaultValue={today} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            Jump
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
