import type { ReactNode } from 'react';
import { textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';

interface Props {
  title: string;
  verb: string;
  children: ReactNode;
  /** The dialog closes when it is done. */
  onSubmit: (reason: string) => Promise<void>;
  onClose: () => void;
}

/** Asks why, before someone is kept out. */
export function ReasonDialog({ title, verb, children, onSubmit, onClose }: Props) {
  const submit = useSubmit(
    async (form) => {
      await onSubmit(textOf(form, 'reason'));
      onClose();
    },
    { reason: 'Use 1 to 300 characters.' },
  );
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit.onSubmit} noValidate>
        <Alert>{submit.problem.message}</Alert>
        <div className="space-y-5">
          <div className="text-muted">{children}</div>
          <Field
            label="Reason"
            name="reason"
            autoComplete="off"
            autoFocus
            maxLength={300}
            hint="Kept in the audit log."
            error={submit.problem.fields['reason']}
          />
        </div>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="danger" busy={submit.busy}>
            {verb}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
