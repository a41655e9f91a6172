import type { LiveRoom, Member, RoomState } from '@confab/sdk';
import { LogOut, UserMinus, UserPlus, X } from 'lucide-react';
import { useState } from 'react';
import { client, useClient } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { navigate } from '../lib/router.ts';
import { count } from '../lib/words.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { toast } from '../ui/toasts.tsx';
import { AddMembersDialog } from './AddMembersDialog.tsx';
import { may, outranks } from './rights.ts';
import { useMembers } from './useMembers.ts';

interface Props {
  room: LiveRoom;
  state: RoomState;
  onClose: () => void;
}

const roleNames = { owner: 'Owner', admin: 'Admin', moderator: 'Moderator', member: null };

/** Beside the history; on small screens, over it. */
export function MembersPanel({ room, state, onClose }: Props) {
  useClient((known) => known.version);
  const { list, loadMore } = useMembers(room, state);
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Member | null>(null);
  const [leaving, setLeaving] = useState(false);
  const removable = (member: Member) =>
    may('removeMembers', state.room, state.me.role) && outranks(state.me.role, member.role);
  const nameOf = (member: Member) => client.userById(member.userId)?.name ?? '…';

  return (
    <aside
      aria-label="Members"
      className="absolute inset-0 z-2 flex animate-appear flex-col bg-surface lg:static lg:w-72 lg:shrink-0 lg:border-l"
    >
      <header className="flex h-16 shrink-0 items-center justify-between border-b pr-3 pl-5">
        <h2 className="font-semibold">{count(state.room.memberCount, 'member')}</h2>
        <IconButton label="Close members" onClick={onClose}>
          <X size={19} aria-hidden />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto p-2">
        {may('addMembers', state.room, state.me.role) && (
          <button
            type="button"
            className="flex w-full items-center gap-3 rounded-lg px-3 py-1.5 font-medium text-accent transition-colors hover:bg-hover"
            onClick={() => setAdding(true)}
          >
            <span className="flex size-9 items-center justify-center rounded-full bg-accent-soft">
              <UserPlus size={18} aria-hidden />
            </span>
            Add people
          </button>
        )}
        <ul>
          {list.map((member) => (
            <li key={member.userId} className="group flex items-center gap-3 rounded-lg px-3 py-1.5">
              <Avatar id={member.userId} name={nameOf(member)} />
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">
                  {nameOf(member)}
                  {member.userId === state.me.userId && <span className="font-normal text-muted"> (you)</span>}
                </p>
                <p className="truncate text-sm text-muted">
                  {[roleNames[member.role], `@${client.userById(member.userId)?.username ?? '…'}`]
                    .filter(Boolean)
                    .join(' · ')}
                </p>
              </div>
              {removable(member) && (
                <IconButton
                  label={`Remove ${nameOf(member)}`}
                  className="group-focus-within:opacity-100 group-hover:opacity-100 hover:text-danger pointer-fine:opacity-0"
                  onClick={() => setRemoving(member)}
                >
                  <UserMinus size={18} aria-hidden />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
        {loadMore && (
          <Button
            look="quiet"
            className="mt-1 w-full"
            onClick={() => void loadMore().catch((thrown: unknown) => toast(messageOf(thrown)))}
          >
            Show more
          </Button>
        )}
      </div>
      <div className="border-t p-2">
        <button
          type="button"
          className="flex w-full items-center gap-3 rounded-lg px-3 py-2.5 font-medium text-muted transition-colors hover:bg-hover hover:text-danger"
          onClick={() => setLeaving(true)}
        >
          <LogOut size={18} aria-hidden />
          Leave room
        </button>
      </div>
      {adding && <AddMembersDialog room={room} state={state} onClose={() => setAdding(false)} />}
      {removing && (
        <ConfirmDialog
          title={`Remove ${nameOf(removing)}?`}
          verb="Remove"
          onConfirm={() => room.removeMember(removing.userId)}
          onClose={() => setRemoving(null)}
        >
          They can no longer read or write here. Their messages stay.
        </ConfirmDialog>
      )}
      {leaving && (
        <ConfirmDialog
          title={`Leave ${state.room.name ?? 'room'}?`}
          verb="Leave"
          onConfirm={async () => {
            await room.leave();
            navigate('/', { replace: true });
          }}
          onClose={() => setLeaving(false)}
        >
          To come back, someone in the room has to add you again.
        </ConfirmDialog>
      )}
    </aside>
  );
}
