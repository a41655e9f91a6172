import type { ReactNode } from 'react';
import { useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';

interface Props {
  title: string;
  verb: string;
  danger?: boolean;
  /** The button that decides has the focus: for a dialog without fields, decided by Enter. */
  ready?: boolean;
  /** What to say of a field that is wrong, by its name. */
  advice?: Readonly<Record<string, string>>;
  children: (problems: Readonly<Record<string, string>>) => ReactNode;
  /** The dialog closes when it is done; a failure is shown in it. */
  onSubmit: (form: FormData) => Promise<void>;
  onClose: () => void;
}

export function FormDialog({ title, verb, danger = false, ready = false, advice = {}, ...rest }: Props) {
  const { children, onSubmit, onClose } = rest;
  const submit = useSubmit(
    async (form) => {
      await onSubmit(form);
      onClose();
    },
    { reason: 'Use 1 to 300 characters.', ...advice },
  );
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit.onSubmit} noValidate>
        <Alert>{submit.problem.message}</Alert>
        <div className="space-y-5">{children(submit.problem.fields)}</div>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look={danger ? 'danger' : 'primary'}
            busy={submit.busy}
            data-autofocus={ready || undefined}
          >
            {verb}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
