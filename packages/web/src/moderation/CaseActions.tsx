import type { CaseDetail, SanctionType } from '@confab/sdk';
import { Button } from '../ui/Button.tsx';
import { SANCTION_TYPES, SANCTIONS } from './words.ts';

/** What may stand over a case. */
export type CaseDialog = SanctionType | 'remove' | 'assign' | 'note' | 'action_taken' | 'no_action';

/** Whether it has a place in a case: what its accused is out of reach of has none. */
export function isOffered(dialog: CaseDialog, { reach, state }: CaseDetail): boolean {
  switch (dialog) {
    case 'warn':
    case 'mute':
    case 'ban':
      return reach.length > 0;
    case 'kick':
    case 'remove':
      return reach.includes('room');
    case 'note':
      return true;
    default:
      return state !== 'closed';
  }
}

interface Props {
  detail: CaseDetail;
  myId: string;
  onDialog: (dialog: CaseDialog) => void;
  onAssign: (assigneeId: string | null) => void;
}

/** What there is to do about a case: with the accused, and with the case itself. */
export function CaseActions({ detail, myId, onDialog, onAssign }: Props) {
  const { accusedId, reach, state, assigneeId } = detail;
  return (
    <div className="shrink-0 space-y-2 border-t p-3">
      {accusedId !== null && reach.length === 0 && (
        <p className="px-1 text-sm text-muted">
          You can’t warn, mute or ban them: they stand as high as you, or it is not your room.
          {state !== 'closed' && ' Somebody above them can: hand the report over.'}
        </p>
      )}
      {reach.length > 0 && (
        <div role="group" aria-label="What to do with them" className="flex flex-wrap gap-1.5">
          {SANCTION_TYPES.filter((type) => isOffered(type, detail)).map((type) => (
            <Button key={type} look={type === 'ban' ? 'danger' : 'plain'} small onClick={() => onDialog(type)}>
              {SANCTIONS[type].verb}
            </Button>
          ))}
          {isOffered('remove', detail) && (
            <Button look="danger" small onClick={() => onDialog('remove')}>
              Delete
            </Button>
          )}
        </div>
      )}
      <div role="group" aria-label="What to do with the report" className="flex flex-wrap gap-1.5">
        {state !== 'closed' &&
          (assigneeId === myId ? (
            <Button small onClick={() => onAssign(null)}>
              Give it back
            </Button>
          ) : (
            <Button small onClick={() => onAssign(myId)}>
              Take it
            </Button>
          ))}
        {state !== 'closed' && (
          <Button small onClick={() => onDialog('assign')}>
            Hand over
          </Button>
        )}
        <Button small onClick={() => onDialog('note')}>
          Note
        </Button>
      </div>
      {state !== 'closed' && (
        <div role="group" aria-label="Decide" className="flex gap-1.5">
          <Button small className="flex-1" onClick={() => onDialog('no_action')}>
            No action
          </Button>
          <Button look="primary" small className="flex-1" onClick={() => onDialog('action_taken')}>
            Action taken
          </Button>
        </div>
      )}
    </div>
  );
}
