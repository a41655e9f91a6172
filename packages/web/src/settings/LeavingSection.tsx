import { Download } from 'lucide-react';
import { useState } from 'react';
import { signOut } from '../app/session.ts';
import { withStepUp } from '../auth/step-up.tsx';
import { client } from '../lib/client.ts';
import { messageOf, textOf, useSubmit } from '../lib/problems.ts';
import { saveFile } from '../lib/save-file.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';
import { Section } from '../ui/Section.tsx';
import { toast } from '../ui/toasts.tsx';

/** Taking along what is mine, a pause, and the end. */
export function LeavingSection({ username }: { username: string }) {
  const [asking, setAsking] = useState<'deactivate' | 'delete' | null>(null);
  const close = () => setAsking(null);
  return (
    <>
      <Section title="My data" note="Everything kept about you here, as a ZIP archive of JSON files.">
        <DownloadButton username={username} />
      </Section>
      <Section title="Leaving">
        <div className="max-w-md space-y-5">
          <div>
            <p className="mb-2 text-muted">
              Deactivated, your account is closed until you sign in again. Nothing is lost.
            </p>
            <Button onClick={() => setAsking('deactivate')}>Deactivate account…</Button>
          </div>
          <div>
            <p className="mb-2 text-muted">Deleted, it is gone for good. What you wrote stays, under no name.</p>
            <Button look="danger" onClick={() => setAsking('delete')}>
              Delete account…
            </Button>
          </div>
        </div>
      </Section>
      {asking === 'deactivate' && (
        <ConfirmDialog
          title="Deactivate your account?"
          verb="Deactivate"
          onConfirm={async () => {
            await withStepUp(() => client.call('deactivate'));
            await signOut();
          }}
          onClose={close}
        >
          You are signed out everywhere. Sign in again, and the account is open as before.
        </ConfirmDialog>
      )}
      {asking === 'delete' && <DeleteDialog username={username} onClose={close} />}
    </>
  );
}

function DownloadButton({ username }: { username: string }) {
  const [busy, setBusy] = useState(false);
  async function download() {
    setBusy(true);
    try {
      saveFile(await withStepUp(() => client.call('exportData')), `confab-${username}.zip`);
    } catch (thrown) {
      toast(messageOf(thrown));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Button busy={busy} onClick={() => void download()}>
      {!busy && <Download size={17} aria-hidden />}
      Download my data
    </Button>
  );
}

function DeleteDialog({ username, onClose }: { username: string; onClose: () => void }) {
  const { busy, problem, onSubmit } = useSubmit(
    async (form) => {
      const typed = textOf(form, 'username').trim().replace(/^@/, '');
      await withStepUp(() => client.call('deleteAccount', { body: { username: typed } }));
      await signOut();
    },
    { username: 'That is not your username.' },
  );
  return (
    <Dialog title="Delete your account?" onClose={onClose}>
      <form onSubmit={onSubmit} noValidate>
        <Alert>{problem.message}</Alert>
        <p className="text-muted">
          This can’t be undone. Your name, your address and everything you have set are removed; what you wrote stays in
          its rooms, under no name.
        </p>
        <div className="my-5 rounded-lg bg-surface p-4">
          <p className="mb-3">Take along what is yours first:</p>
          <DownloadButton username={username} />
        </div>
        <Field
          label="Your username"
          name="username"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          hint={`Type ${username}, to be sure.`}
          error={problem.fields['username']}
        />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="danger" busy={busy}>
            Delete for good
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
