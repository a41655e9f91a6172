import type { PublicUser } from '@confab/sdk';
import { useCallback } from 'react';
import { roleName } from '../admin/labels.ts';
import { client } from '../lib/client.ts';
import { textOf } from '../lib/problems.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { Alert } from '../ui/Alert.tsx';
import { Avatar } from '../ui/Avatar.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { FormDialog } from './FormDialog.tsx';

interface Props {
  caseId: string;
  /** Who is at it already. */
  assigneeId: string | null;
  onAssign: (assigneeId: string) => Promise<void>;
  onClose: () => void;
}

/** Whom a case is handed over to: somebody else who may decide it. */
export function AssignDialog({ caseId, assigneeId, onAssign, onClose }: Props) {
  const { data, problem } = useLoaded(
    useCallback(async () => {
      const { users } = await client.call('caseAssignees', { params: { caseId } });
      client.learn(users);
      return users.toSorted((a, b) => a.name.localeCompare(b.name));
    }, [caseId]),
  );
  const others = data?.filter(({ id }) => id !== client.me?.id && id !== assigneeId);
  // It comes with its choices, the first of which has the focus.
  if (others === undefined && problem === null) return null;
  if (others === undefined || others.length === 0)
    return (
      <Dialog title="Hand it over" onClose={onClose}>
        <Alert>{problem}</Alert>
        {others && <p className="text-muted">Nobody else may decide this report.</p>}
        <DialogActions>
          <Button data-autofocus onClick={onClose}>
            Close
          </Button>
        </DialogActions>
      </Dialog>
    );
  return (
    <FormDialog
      title="Hand it over"
      verb="Hand over"
      onSubmit={(form) => onAssign(textOf(form, 'assignee'))}
      onClose={onClose}
    >
      {() => (
        <fieldset className="min-w-0">
          <legend className="mb-1.5 text-sm font-medium">To whom</legend>
          <div className="space-y-0.5">
            {others.map((user, index) => (
              <Choice key={user.id} user={user} first={index === 0} />
            ))}
          </div>
        </fieldset>
      )}
    </FormDialog>
  );
}

function Choice({ user, first }: { user: PublicUser; first: boolean }) {
  return (
    <label className="flex items-center gap-3 rounded-lg px-1 py-1.5 hover:bg-hover">
      <input
        type="radio"
        name="assignee"
        value={user.id}
        defaultChecked={first}
        data-autofocus={first || undefined}
        className="size-4 shrink-0"
      />
      <Avatar id={user.id} name={user.name} />
      <span className="min-w-0">
        <span className="block truncate font-medium">{user.name}</span>
        <span className="block truncate text-sm text-muted">
          @{user.username}
          {user.role !== 'user' && ` · ${roleName(user.role)}`}
        </span>
      </span>
    </label>
  );
}
