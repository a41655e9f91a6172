import type { Invite, LiveRoom } from '@confab/sdk';
import { Copy, Trash2 } from 'lucide-react';
import { useCallback } from 'react';
import { attempt, copyText } from '../lib/attempt.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { invitePath } from '../lib/router.ts';
import { exactTime } from '../lib/time.ts';
import { useLoaded } from '../lib/useLoaded.ts';
import { count } from '../lib/words.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Select } from '../ui/Select.tsx';
import { Spinner } from '../ui/Spinner.tsx';

const DAY_MS = 86_400_000;
const EXPIRES = [
  ['7', 'In a week'],
  ['1', 'In a day'],
  ['30', 'In a month'],
  ['', 'Never'],
] as const;
const USES = [
  ['', 'Without limit'],
  ['1', 'Once'],
  ['10', '10 times'],
  ['100', '100 times'],
] as const;

const linkOf = (invite: Invite) => new URL(invitePath(invite.code), location.href).href;

interface Props {
  room: LiveRoom;
  title: string;
  onClose: () => void;
}

/** Links by which others join the room. */
export function InvitesDialog({ room, title, onClose }: Props) {
  const { data: invites, problem, reload } = useLoaded(useCallback(() => room.invites(), [room]));
  const making = useSubmit(async (form) => {
    const days = Number(textOf(form, 'expires'));
    const uses = Number(textOf(form, 'uses'));
    await room.createInvite({
      expiresAt: days === 0 ? null : Date.now() + days * DAY_MS,
      maxUses: uses === 0 ? null : uses,
    });
    reload();
  });

  return (
    <Dialog title={`Invite to ${title}`} onClose={onClose}>
      <Alert>{problem ?? making.problem.message}</Alert>
      <form onSubmit={making.onSubmit} className="flex flex-wrap items-end gap-3">
        <Select label="Expires" name="expires" options={EXPIRES} className="min-w-32 flex-1" />
        <Select label="Can be used" name="uses" options={USES} className="min-w-32 flex-1" />
        <Button type="submit" look="primary" busy={making.busy} className="h-11">
          Create link
        </Button>
      </form>
      <ul aria-label="Links" className="mt-6 space-y-2">
        {invites?.map((invite) => (
          <li key={invite.id} className="flex items-center gap-1 rounded-lg border py-1.5 pr-1.5 pl-3">
            <div className="min-w-0 flex-1">
              <p className="truncate font-mono text-sm" data-invite>
                {linkOf(invite)}
              </p>
              <p className="text-sm text-muted">
                {invite.maxUses === null
                  ? `Used ${count(invite.uses, 'time')}`
                  : `Used ${invite.uses} of ${invite.maxUses}`}
                {invite.expiresAt !== null && ` · until ${exactTime(invite.expiresAt)}`}
              </p>
            </div>
            <IconButton label="Copy link" onClick={() => copyText(linkOf(invite))}>
              <Copy size={17} aria-hidden />
            </IconButton>
            <IconButton
              label="Revoke link"
              className="hover:text-danger"
              onClick={() => attempt(room.revokeInvite(invite.id).then(reload))}
            >
              <Trash2 size={17} aria-hidden />
            </IconButton>
          </li>
        ))}
        {invites === null && problem === null && (
          <li>
            <Spinner label="Loading" />
          </li>
        )}
        {invites?.length === 0 && <li className="py-4 text-center text-muted">There are no links yet.</li>}
      </ul>
    </Dialog>
  );
}
