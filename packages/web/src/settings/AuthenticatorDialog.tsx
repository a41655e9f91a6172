import { Copy } from 'lucide-react';
import { CodeField } from '../auth/CodeField.tsx';
import { withStepUp } from '../auth/step-up.tsx';
import { copyText } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { QrCode } from '../ui/QrCode.tsx';

interface Props {
  secret: string;
  /** otpauth:// */
  uri: string;
  onConfirmed: (recoveryCodes: readonly string[]) => void;
  onClose: () => void;
}

/** Brings the secret into an app, and asks for a code that shows that it is there. */
export function AuthenticatorDialog({ secret, uri, onConfirmed, onClose }: Props) {
  const { busy, problem, onSubmit } = useSubmit(
    async (form) => {
      const body = { code: textOf(form, 'code') };
      onConfirmed((await withStepUp(() => client.call('confirmTotp', { body }))).recoveryCodes);
    },
    { code: 'Enter the 6 digits the app shows.' },
  );
  return (
    <Dialog title="Set up an authenticator app" onClose={onClose}>
      <form onSubmit={onSubmit} noValidate>
        <p className="text-muted">Scan this with an authenticator app, or type the key into it.</p>
        <div className="my-4 flex flex-wrap items-center gap-5">
          <QrCode text={uri} label="The key as a QR code" />
          <div className="min-w-0 flex-1 basis-44">
            <p className="text-sm font-medium">Key</p>
            <div className="flex items-center gap-1">
              <code className="font-mono break-words">{secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code>
              <IconButton label="Copy the key" onClick={() => copyText(secret)}>
                <Copy size={17} aria-hidden />
              </IconButton>
            </div>
          </div>
        </div>
        <Alert>{problem.message}</Alert>
        <CodeField label="Code the app shows" error={problem.fields['code']} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            Switch on
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
