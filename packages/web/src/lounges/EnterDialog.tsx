import type { LanguageRoom, Lounge } from '@confab/sdk';
import { client } from '../lib/client.ts';
import { fieldProblem, useSubmit } from '../lib/problems.ts';
import { navigate, roomPath } from '../lib/router.ts';
import { Markdown } from '../room/Markdown.tsx';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { AgeCheck } from './AgeCheck.tsx';
import { rememberRules } from './entering.ts';

interface Props {
  lounge: Lounge;
  room: LanguageRoom['room'];
  /** Whether the person has yet to confirm to be of age. */
  asksAge: boolean;
  onClose: () => void;
}

/** Before the first time in a lounge: its rules, and the question of age. */
export function EnterDialog({ lounge, room, asksAge, onClose }: Props) {
  const { busy, problem, onSubmit } = useSubmit(async (form) => {
    if (asksAge && !form.has('ofAge')) throw fieldProblem('ofAge', 'Confirm it to come in.');
    if (asksAge) await client.call('confirmAge', { body: { ofAge: true } });
    rememberRules(lounge);
    await client.joinRoom(room.id);
    onClose();
    navigate(roomPath(room.id));
  });
  return (
    <Dialog title={`Welcome to ${lounge.name}`} onClose={onClose}>
      <form onSubmit={onSubmit} noValidate>
        <Alert>{problem.message}</Alert>
        {lounge.rules !== '' && (
          <>
            <h3 className="mb-1.5 text-sm font-medium">Rules</h3>
            <div className="mb-5 rounded-lg bg-surface px-4 py-3">
              <Markdown body={lounge.rules} />
            </div>
          </>
        )}
        {asksAge && (
          <>
            <p className="mb-3 text-muted">This lounge is for adults.</p>
            <AgeCheck error={problem.fields['ofAge']} />
          </>
        )}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            {lounge.rules === '' ? 'Come in' : 'Agree and come in'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
