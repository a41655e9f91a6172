import type { ReportTarget } from '@confab/sdk';
import { useState } from 'react';
import { client, useClient, useUser } from '../lib/client.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { TextArea } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';
import { CATEGORIES } from './words.ts';

interface Props {
  target: ReportTarget;
  /** Whom it is about, and whom one may block with it: of a room of two the other one; null of other rooms. */
  accusedId: string | null;
  /** Blocking is not asked for: it follows. */
  alwaysBlocks?: boolean;
  /** In place of telling that it was received. */
  onReported?: () => void;
  onClose: () => void;
}

const SUBJECTS = { message: 'this message', user: 'this person', room: 'this room' } as const;

/** The server keeps as much of a room of two as evidence. */
const OF_TWO = 'Moderators see the last ten messages of this conversation as they are now';
const OF_OTHERS = 'Moderators see what you report as it is now';

/** Tells moderators of a message, a person or a room. */
export function ReportDialog({ target, accusedId, alwaysBlocks = false, onReported, onClose }: Props) {
  const accused = useUser(accusedId);
  const isBlocked = useClient((known) => accusedId !== null && known.blocked.has(accusedId));
  const [received, setReceived] = useState(false);
  const [category, setCategory] = useState('');
  const name = accused?.name ?? 'them';
  const isOfTwo = target.type === 'room' && accusedId !== null;
  const { busy, problem, onSubmit } = useSubmit(
    async (form) => {
      const chosen = CATEGORIES.find(([value]) => value === category)?.[0] ?? 'other';
      const block = accusedId !== null && !isBlocked && (alwaysBlocks || form.has('block'));
      await client.call('report', { body: { target, category: chosen, note: textOf(form, 'note'), block } });
      if (!onReported) return setReceived(true);
      onClose();
      onReported();
    },
    { note: 'Use up to 1,000 characters.' },
  );

  if (received)
    return (
      // Another one, so that the focus goes to its button: that of the form is gone.
      <Dialog key="received" title="Thank you" onClose={onClose}>
        <p role="status" className="text-muted">
          Your report was received, and moderators will look at it. You will be told what came of it; until then you
          find it under Settings, Privacy.
        </p>
        <DialogActions>
          <Button look="primary" data-autofocus onClick={onClose}>
            Done
          </Button>
        </DialogActions>
      </Dialog>
    );
  return (
    <Dialog
      title={alwaysBlocks ? `Report and block ${name}` : `Report ${isOfTwo ? SUBJECTS.user : SUBJECTS[target.type]}`}
      onClose={onClose}
    >
      <form onSubmit={onSubmit} noValidate>
        <Alert>{problem.message}</Alert>
        <p className="mb-5 text-muted">
          {isOfTwo ? OF_TWO : OF_OTHERS}, even if it is changed or deleted. Nobody else learns that you reported it.
        </p>
        <div className="space-y-5">
          <Select
            label="What is wrong"
            value={category}
            data-autofocus
            options={[['', 'Choose…'], ...CATEGORIES]}
            onChange={(event) => setCategory(event.target.value)}
          />
          <TextArea
            label="What moderators should know"
            name="note"
            maxLength={1000}
            hint="Optional."
            error={problem.fields['note']}
          />
          {accusedId !== null && !isBlocked && !alwaysBlocks && (
            <Switch
              label={`Block ${name} as well`}
              name="block"
              hint="You can’t write to each other any more, and their messages are hidden."
            />
          )}
        </div>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="danger" busy={busy} disabled={category === ''}>
            {alwaysBlocks ? 'Report and block' : 'Report'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
