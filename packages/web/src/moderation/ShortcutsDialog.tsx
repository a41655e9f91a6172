import { Dialog } from '../ui/Dialog.tsx';
import { Switch } from '../ui/Switch.tsx';
import { setKeys, type Shortcut, useKeys } from './useTriage.ts';

const ALWAYS = [
  { key: 'j', does: 'Next' },
  { key: 'k', does: 'Previous' },
];

interface Props {
  shortcuts: readonly Shortcut[];
  onClose: () => void;
}

/** The keys of a queue, and a way to switch them off. */
export function ShortcutsDialog({ shortcuts, onClose }: Props) {
  const enabled = useKeys();
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-2">
        {[...ALWAYS, ...shortcuts].map(({ key, does }) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="inline-block min-w-7 rounded-md border border-edge bg-surface px-1.5 py-0.5 text-center font-mono text-sm">
                {key}
              </kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <div className="mt-6">
        <Switch
          label="Single keys"
          hint="Switch them off if you speak to your computer, or press keys by accident. Arrow keys and Enter stay."
          checked={enabled}
          onChange={(event) => setKeys(event.target.checked)}
        />
      </div>
    </Dialog>
  );
}
