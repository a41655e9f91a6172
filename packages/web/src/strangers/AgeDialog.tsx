import { client } from '../lib/client.ts';
import { fieldProblem, useSubmit } from '../lib/problems.ts';
import { AgeCheck } from '../lounges/AgeCheck.tsx';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';

/** The question of age, before strangers are met for the first time. */
export function AgeDialog({ onConfirmed, onClose }: { onConfirmed: () => Promise<void>; onClose: () => void }) {
  const { busy, problem, onSubmit } = useSubmit(async (form) => {
    if (!form.has('ofAge')) throw fieldProblem('ofAge', 'Confirm it to meet strangers.');
    await client.call('confirmAge', { body: { ofAge: true } });
    onClose();
    await onConfirmed();
  });
  return (
    <Dialog title="Before you meet strangers" onClose={onClose}>
      <form onSubmit={onSubmit} noValidate>
        <Alert>{problem.message}</Alert>
        <p className="mb-5 text-muted">
          You will talk in private with somebody you don’t know. Don’t share what could lead strangers to you, and
          report whoever does not behave: one button does that, and keeps them away from you.
        </p>
        <AgeCheck error={problem.fields['ofAge']} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            Confirm
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
