import { type ReactNode, useState } from 'react';
import { messageOf } from '../lib/problems.ts';
import { Alert } from './Alert.tsx';
import { Button } from './Button.tsx';
import { Dialog, DialogActions } from './Dialog.tsx';

interface Props {
  title: string;
  /** What the button does, such as "Delete". */
  verb: string;
  children: ReactNode;
  /** The dialog closes when it is done; a failure is shown in it. */
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

export function ConfirmDialog({ title, verb, children, onConfirm, onClose }: Props) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function confirm() {
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch (thrown) {
      setProblem(messageOf(thrown));
      setBusy(false);
    }
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <Alert>{problem}</Alert>
      <div className="text-muted">{children}</div>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" busy={busy} onClick={() => void confirm()}>
          {verb}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
