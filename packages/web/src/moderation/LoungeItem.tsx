import type { LanguageRoom, Lounge } from '@confab/sdk';
import { ArrowDown, ArrowUp, Ellipsis } from 'lucide-react';
import { useState } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { count } from '../lib/words.ts';
import { roleName } from '../admin/labels.ts';
import { LoungePicture } from '../lounges/LoungePicture.tsx';
import { Badge } from '../ui/Badge.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { MenuButton } from '../ui/Menu.tsx';
import { toast } from '../ui/toasts.tsx';
import { EditRoomDialog } from './EditRoomDialog.tsx';
import { LanguageRoomDialog } from './LanguageRoomDialog.tsx';
import { LoungeDialog } from './LoungeDialog.tsx';
import { RoomRow } from './RoomRow.tsx';

type Asking = { what: 'edit' | 'close' | 'add' } | { what: 'edit room' | 'close room'; of: LanguageRoom };

const GUESTS = { write: null, read: 'Guests read', none: 'No guests' } as const;

interface Props {
  lounge: Lounge;
  admin: boolean;
  isFirst: boolean;
  isLast: boolean;
  onMove: (by: -1 | 1) => Promise<void>;
  onChanged: () => void;
  onModerate: (roomId: string) => void;
}

/** A lounge with its rooms, and what admins do with them. */
export function LoungeItem({ lounge, admin, isFirst, isLast, onMove, onChanged, onModerate }: Props) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const { id: loungeId, name, topic, rooms, minRole, guests, adultsOnly } = lounge;
  const close = () => setAsking(null);
  const guestWords = GUESTS[guests];
  return (
    <li className="rounded-xl border px-4 py-3">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <LoungePicture lounge={lounge} />
        <div className="min-w-0 flex-1 basis-48">
          <h3 className="flex flex-wrap items-center gap-x-2 gap-y-1 font-semibold break-words">
            {name}
            {minRole !== 'guest' && <Badge>From {roleName(minRole).toLowerCase()} up</Badge>}
            {guestWords !== null && minRole === 'guest' && <Badge>{guestWords}</Badge>}
            {adultsOnly && <Badge look="warn">Of age</Badge>}
          </h3>
          {topic !== '' && <p className="break-words text-muted">{topic}</p>}
        </div>
        {admin && (
          <div className="flex flex-wrap items-center gap-1">
            <IconButton
              label={`Move ${name} up`}
              data-move={`${loungeId} -1`}
              aria-disabled={isFirst || undefined}
              className="aria-disabled:opacity-40"
              onClick={() => isFirst || attempt(onMove(-1))}
            >
              <ArrowUp size={18} aria-hidden />
            </IconButton>
            <IconButton
              label={`Move ${name} down`}
              data-move={`${loungeId} 1`}
              aria-disabled={isLast || undefined}
              className="aria-disabled:opacity-40"
              onClick={() => isLast || attempt(onMove(1))}
            >
              <ArrowDown size={18} aria-hidden />
            </IconButton>
            <Button small aria-label={`Add room to ${name}…`} onClick={() => setAsking({ what: 'add' })}>
              Add room…
            </Button>
            <MenuButton
              label={`More for ${name}`}
              groups={[
                [
                  { label: 'Edit…', onSelect: () => setAsking({ what: 'edit' }) },
                  { label: 'Close for good…', danger: true, onSelect: () => setAsking({ what: 'close' }) },
                ],
              ]}
            >
              <Ellipsis size={18} aria-hidden />
            </MenuButton>
          </div>
        )}
      </div>
      <ul aria-label={`Rooms of ${name}`} className="mt-2">
        {rooms.map((of) => {
          const title = of.room.name ?? '…';
          return (
            <RoomRow
              key={of.room.id}
              room={of.room}
              title={title}
              present={of.present}
              onModerate={() => onModerate(of.room.id)}
              actions={
                admin && (
                  <MenuButton
                    label={`More for ${title}`}
                    groups={[
                      [
                        { label: 'Edit…', onSelect: () => setAsking({ what: 'edit room', of }) },
                        {
                          label: 'Close for good…',
                          danger: true,
                          onSelect: () => setAsking({ what: 'close room', of }),
                        },
                      ],
                    ]}
                  >
                    <Ellipsis size={18} aria-hidden />
                  </MenuButton>
                )
              }
            />
          );
        })}
      </ul>
      {rooms.length === 0 && <p className="mt-2 text-sm text-muted">No rooms yet: nobody can come in.</p>}

      {asking?.what === 'edit' && <LoungeDialog lounge={lounge} onSaved={onChanged} onClose={close} />}
      {asking?.what === 'add' && <LanguageRoomDialog lounge={lounge} onSaved={onChanged} onClose={close} />}
      {asking?.what === 'edit room' && (
        <EditRoomDialog loungeId={loungeId} of={asking.of} onSaved={onChanged} onClose={close} />
      )}
      {asking?.what === 'close' && (
        <ConfirmDialog
          title={`Close ${name} for good?`}
          verb="Close for good"
          onConfirm={async () => {
            await client.call('deleteLounge', { params: { loungeId } });
            toast(`${name} is closed.`);
            onChanged();
          }}
          onClose={close}
        >
          {rooms.length === 0
            ? 'It has no rooms.'
            : `Its ${count(rooms.length, 'room')} and all that was said there go with it.`}
        </ConfirmDialog>
      )}
      {asking?.what === 'close room' && (
        <ConfirmDialog
          title={`Close ${asking.of.room.name ?? 'the room'} for good?`}
          verb="Close for good"
          onConfirm={async () => {
            await client.call('deleteLanguageRoom', { params: { loungeId, roomId: asking.of.room.id } });
            toast('The room is closed.');
            onChanged();
          }}
          onClose={close}
        >
          All that was said there goes with it.
        </ConfirmDialog>
      )}
    </li>
  );
}
