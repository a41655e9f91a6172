import { useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';

interface Props {
  title: string;
  verb: string;
  /** What the field `name` holds at first. */
  name: string;
  hint?: string;
  /** The dialog closes when it is done. */
  onSubmit: (form: FormData) => Promise<void>;
  onClose: () => void;
}

/** Asks for the name of something of mine. */
export function NameDialog({ title, verb, name, hint, onSubmit, onClose }: Props) {
  const submit = useSubmit(
    async (form) => {
      await onSubmit(form);
      onClose();
    },
    { name: 'Use 1 to 60 characters.' },
  );
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit.onSubmit} noValidate>
        <Alert>{submit.problem.message}</Alert>
        <Field
          label="Name"
          name="name"
          autoComplete="off"
          autoFocus
          maxLength={60}
          defaultValue={name}
          hint={hint}
          error={submit.problem.fields['name']}
        />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={submit.busy}>
            {verb}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
