import { useState } from 'react';
import { textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { TextArea } from '../ui/Field.tsx';

interface Props {
  /** What it is against, as a sentence. */
  about: string;
  /** A failure is shown in the dialog. */
  onAppeal: (text: string) => Promise<unknown>;
  onClose: () => void;
}

/** Asks for another look at what moderators did; once. */
export function AppealDialog({ about, onAppeal, onClose }: Props) {
  const [sent, setSent] = useState(false);
  const { busy, problem, onSubmit } = useSubmit(
    async (form) => {
      await onAppeal(textOf(form, 'text'));
      setSent(true);
    },
    { text: 'Use 1 to 2,000 characters.' },
  );
  if (sent)
    return (
      // Another one, so that the focus goes to its button: that of the form is gone.
      <Dialog key="sent" title="Appeal" onClose={onClose}>
        <p role="status" className="text-muted">
          Your appeal was received. Moderators look at it again, where possible others than before, and you will be
          told.
        </p>
        <DialogActions>
          <Button look="primary" data-autofocus onClick={onClose}>
            Done
          </Button>
        </DialogActions>
      </Dialog>
    );
  return (
    <Dialog title="Appeal" onClose={onClose}>
      <form onSubmit={onSubmit} noValidate>
        <Alert>{problem.message}</Alert>
        <p className="mb-5 text-muted">{about} You can ask once for another look at it.</p>
        <TextArea
          label="Why it should be looked at again"
          name="text"
          rows={5}
          maxLength={2000}
          data-autofocus
          error={problem.fields['text']}
        />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            Send appeal
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
