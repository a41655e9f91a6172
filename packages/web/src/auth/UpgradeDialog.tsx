import { profileChanged } from '../app/session.ts';
import { client, useClient } from '../lib/client.ts';
import { useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { toast } from '../ui/toasts.tsx';
import { ACCOUNT_ADVICE, accountOf, NewAccountFields } from './NewAccountFields.tsx';

/** Makes a guest a member. Conversations, and what was written, stay. */
export function UpgradeDialog({ onClose }: { onClose: () => void }) {
  const name = useClient((known) => known.me?.name);
  const { busy, problem, onSubmit } = useSubmit(async (form) => {
    await client.call('upgradeGuest', { body: accountOf(form) });
    profileChanged();
    toast('Your account is ready.');
    onClose();
  }, ACCOUNT_ADVICE);
  return (
    <Dialog title="Create an account" onClose={onClose}>
      <form onSubmit={onSubmit} noValidate>
        <p className="mb-5 text-muted">Your conversations and everything you wrote stay with you.</p>
        <Alert>{problem.message}</Alert>
        <NewAccountFields fields={problem.fields} {...(name !== undefined && { name })} />
        <DialogActions>
          <Button onClick={onClose}>Not now</Button>
          <Button type="submit" look="primary" busy={busy}>
            Create account
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
