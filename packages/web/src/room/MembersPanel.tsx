import { type LiveRoom, mayAppoint, type Member, type RoomState, type SanctionType } from '@confab/sdk';
import { Ellipsis, LogOut, UserPlus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client, useClient } from '../lib/client.ts';
import { count } from '../lib/words.ts';
import { openPerson } from '../people/open-person.ts';
import { PersonAvatar } from '../presence/PersonAvatar.tsx';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { type MenuItem, MenuButton } from '../ui/Menu.tsx';
import { SidePanel } from '../ui/SidePanel.tsx';
import { AddMembersDialog } from './AddMembersDialog.tsx';
import { may, roleNames, ROLES, seatOf, standingOf, standsAbove } from './rights.ts';
import { sanctionItems } from './sanctions.tsx';
import { useMembers } from './useMembers.ts';

const RoomSanction = lazy(async () => ({ default: (await import('./RoomSanction.tsx')).RoomSanction }));

interface Props {
  room: LiveRoom;
  state: RoomState;
  onLeave: () => void;
  onClose: () => void;
}

export function MembersPanel({ room, state, onLeave, onClose }: Props) {
  useClient((known) => known.version);
  const { list, loadMore } = useMembers(room, state);
  const [adding, setAdding] = useState(false);
  const [sanction, setSanction] = useState<{ userId: string; type: SanctionType } | null>(null);
  const [removing, setRemoving] = useState<Member | null>(null);
  const { me } = state;
  const seat = seatOf(state);
  const nameOf = (member: Member) => client.userById(member.userId)?.name ?? '…';

  function menuOf(member: Member): (MenuItem | false)[][] {
    const isMe = member.userId === me.userId;
    const standing = standingOf(member.userId, member.role);
    const given = ROLES.filter((one) => one === member.role || mayAppoint(seat, standing, one, isMe));
    return [
      [{ label: 'About this person', onSelect: () => openPerson(member.userId) }],
      may('changeRoles', seat) && given.length > 1
        ? given.toReversed().map((one) => ({
            label: roleNames[one],
            checked: one === member.role,
            onSelect: () => attempt(room.setRole(member.userId, one)),
          }))
        : [],
      [
        // Where people come by themselves they are kicked, with the reason.
        seat.rights === 'group' &&
          may('removeMembers', seat) &&
          standsAbove(state, member.userId, member.role) && {
            label: 'Remove from the room…',
            danger: true,
            onSelect: () => setRemoving(member),
          },
      ],
      sanctionItems(state, member, (type) => setSanction({ userId: member.userId, type })),
    ];
  }

  return (
    <SidePanel label="Members" title={count(state.room.memberCount, 'member')} onClose={onClose}>
      <div className="min-h-0 flex-1 overflow-y-auto p-2">
        {may('addMembers', seat) && (
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
            <li key={member.userId} className="flex items-center gap-3 rounded-lg px-3 py-1.5">
              <PersonAvatar id={member.userId} name={nameOf(member)} />
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">
                  {nameOf(member)}
                  {member.userId === me.userId && <span className="font-normal text-muted"> (you)</span>}
                </p>
                <p className="truncate text-sm text-muted">
                  {[
                    member.role === 'member' ? null : roleNames[member.role],
                    `@${client.userById(member.userId)?.username ?? '…'}`,
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </p>
              </div>
              <MenuButton label={`Actions for ${nameOf(member)}`} groups={menuOf(member)} small>
                <Ellipsis size={18} aria-hidden />
              </MenuButton>
            </li>
          ))}
        </ul>
        {loadMore && (
          <Button look="quiet" className="mt-1 w-full" onClick={() => attempt(loadMore())}>
            Show more
          </Button>
        )}
      </div>
      <div className="border-t p-2">
        <button
          type="button"
          className="flex w-full items-center gap-3 rounded-lg px-3 py-2.5 font-medium text-muted transition-colors hover:bg-hover hover:text-danger"
          onClick={onLeave}
        >
          <LogOut size={18} aria-hidden />
          Leave room
        </button>
      </div>
      {adding && <AddMembersDialog room={room} state={state} onClose={() => setAdding(false)} />}
      {sanction && (
        <Suspense fallback={null}>
          <RoomSanction state={state} {...sanction} onClose={() => setSanction(null)} />
        </Suspense>
      )}
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
    </SidePanel>
  );
}
