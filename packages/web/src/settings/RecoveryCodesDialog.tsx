import { Copy, Download } from 'lucide-react';
import { copyText } from '../lib/attempt.ts';
import { saveFile } from '../lib/save-file.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';

/** They are shown this once. */
export function RecoveryCodesDialog({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const text = `${codes.join('\n')}\n`;
  return (
    <Dialog title="Your recovery codes" onClose={onClose}>
      <p className="text-muted">
        Each lets you in once, should you lose your phone. Keep them where only you find them: they are not shown again.
      </p>
      <ul aria-label="Recovery codes" className="my-4 grid gap-y-1.5 rounded-lg bg-surface p-4">
        {codes.map((code) => (
          <li key={code} className="font-mono">
            {code}
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-3">
        <Button onClick={() => copyText(text)}>
          <Copy size={17} aria-hidden />
          Copy
        </Button>
        <Button onClick={() => saveFile(new Blob([text], { type: 'text/plain' }), 'confab-recovery-codes.txt')}>
          <Download size={17} aria-hidden />
          Download
        </Button>
      </div>
      <DialogActions>
        <Button look="primary" onClick={onClose}>
          I have kept them
        </Button>
      </DialogActions>
    </Dialog>
  );
}
