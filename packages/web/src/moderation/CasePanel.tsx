import type { CaseDetail } from '@confab/sdk';
import { useCallback, useEffect, useRef, useState } from 'react';
import { client, useUser } from '../lib/client.ts';
import { messageOf, textOf } from '../lib/problems.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { count } from '../lib/words.ts';
import { Alert } from '../ui/Alert.tsx';
import { TextArea } from '../ui/Field.tsx';
import { SidePanel } from '../ui/SidePanel.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import { toast } from '../ui/toasts.tsx';
import { AssignDialog } from './AssignDialog.tsx';
import { CaseActions, type CaseDialog, isOffered } from './CaseActions.tsx';
import { CaseContent } from './CaseContent.tsx';
import { FormDialog } from './FormDialog.tsx';
import { learnCase, loadCase } from './load.ts';
import { EVERYWHERE, useRoomName } from './places.ts';
import { RemoveMessagesDialog } from './RemoveMessagesDialog.tsx';
import { SanctionDialog } from './SanctionDialog.tsx';
import type { Scope } from './scope.ts';
import { reasonFor, SANCTION_TYPES } from './words.ts';

interface Props {
  caseId: string;
  /** As it was last answered; null: it is asked for. */
  known: CaseDetail | null;
  scope: Scope;
  dialog: CaseDialog | null;
  onDialog: (dialog: CaseDialog | null) => void;
  onLoaded: (detail: CaseDetail) => void;
  onChanged: (detail: CaseDetail) => void;
  /** Fails with what is to be told. */
  onAssign: (assigneeId: string | null) => Promise<void>;
  onCloseCase: (outcome: 'action_taken' | 'no_action') => Promise<void>;
  onClose: () => void;
}

/** One case: the evidence, who reported it, what is known of the accused, and what there is to do. */
export function CasePanel({ caseId, known, scope, dialog, onDialog, onLoaded, onChanged, ...rest }: Props) {
  const { onAssign, onCloseCase, onClose } = rest;
  const { problem, reload } = useLoaded(
    useCallback(async () => {
      onLoaded(await loadCase(caseId));
    }, [caseId, onLoaded]),
  );
  /** Grows with what was done to the accused, so that their history shows it. */
  const [round, setRound] = useState(0);
  const accused = useUser(known?.accusedId ?? null);
  const name = accused?.name ?? '…';
  const body = useRef<HTMLDivElement>(null);
  // The list may lie under it; keys go on from here.
  useEffect(() => body.current?.focus(), []);
  const closeDialog = () => onDialog(null);
  const asked = known !== null && dialog !== null && isOffered(dialog, known) ? dialog : null;
  const sanctionType = SANCTION_TYPES.find((type) => type === asked);
  const roomName = useRoomName(known?.roomId ?? null);
  // Rooms of lounges have no owner.
  const subject = known?.accusedId === null ? roomName : name;
  const attempt = (action: Promise<void>) => action.catch((thrown: unknown) => toast(messageOf(thrown)));

  return (
    <SidePanel label="Report" title={subject} note={known && count(known.reportCount, 'report')} wide onClose={onClose}>
      <div
        ref={body}
        tabIndex={-1}
        role="group"
        aria-label={`Report about ${subject}`}
        className="min-h-0 flex-1 overflow-y-auto p-5 outline-none"
      >
        <Alert onRetry={reload}>{problem}</Alert>
        {known === null && problem === null && <Spinner label="Loading" />}
        {known && <CaseContent detail={known} round={round} />}
      </div>
      {known && (
        <CaseActions
          detail={known}
          myId={scope.me.id}
          onDialog={onDialog}
          onAssign={(assigneeId) => void attempt(onAssign(assigneeId))}
        />
      )}

      {known && sanctionType !== undefined && known.accusedId !== null && (
        <SanctionDialog
          userId={known.accusedId}
          type={sanctionType}
          places={known.reach.map((place) =>
            place === 'room' ? ([known.roomId ?? '', roomName] as const) : EVERYWHERE,
          )}
          admin={scope.admin}
          reason={reasonFor(known.categories)}
          onDone={() => setRound((before) => before + 1)}
          {...(known.state !== 'closed' && { onCloseCase: () => onCloseCase('action_taken') })}
          onClose={closeDialog}
        />
      )}
      {known && asked === 'assign' && (
        <AssignDialog caseId={caseId} assigneeId={known.assigneeId} onAssign={onAssign} onClose={closeDialog} />
      )}
      {known && asked === 'remove' && known.roomId !== null && known.accusedId !== null && (
        <RemoveMessagesDialog
          userId={known.accusedId}
          roomId={known.roomId}
          messageId={known.target.type === 'message' ? known.target.messageId : null}
          reason={reasonFor(known.categories)}
          onClose={closeDialog}
        />
      )}
      {known && asked === 'note' && (
        <FormDialog
          title="Note"
          verb="Add note"
          advice={{ text: 'Use 1 to 2000 characters.' }}
          onSubmit={async (form) => {
            const noted = await client.call('noteCase', { params: { caseId }, body: { text: textOf(form, 'text') } });
            onChanged(learnCase(noted));
          }}
          onClose={closeDialog}
        >
          {(problems) => (
            <TextArea
              label="For moderators"
              name="text"
              rows={5}
              maxLength={2000}
              data-autofocus
              hint="Only moderators read this."
              error={problems['text']}
            />
          )}
        </FormDialog>
      )}
      {known && (asked === 'no_action' || asked === 'action_taken') && (
        <FormDialog
          title={asked === 'no_action' ? 'Close without action?' : 'Close: action taken?'}
          verb="Close the report"
          ready
          onSubmit={() => onCloseCase(asked)}
          onClose={closeDialog}
        >
          {() => (
            <p className="text-muted">
              {known.reportCount === 1 ? 'Who reported it is told' : 'Everyone who reported it is told'}
              {asked === 'no_action' ? ' that nothing was found to act upon.' : ' that something was done.'}
              {known.target.type === 'message' &&
                ' If the message is hidden, it is ' + (asked === 'no_action' ? 'shown again.' : 'deleted.')}
            </p>
          )}
        </FormDialog>
      )}
    </SidePanel>
  );
}
