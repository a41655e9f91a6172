import type { SanctionType } from '@confab/sdk';
import { useState } from 'react';
import { client, useUser } from '../lib/client.ts';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';
import { toast } from '../ui/toasts.tsx';
import { FormDialog } from './FormDialog.tsx';
import { useRoomName, useRoomOptions } from './places.ts';
import { ReasonPicker, reasonOf } from './ReasonPicker.tsx';
import type { Scope } from './scope.ts';
import { DURATIONS, SANCTION_TYPES, SANCTIONS, untilOf } from './words.ts';

const WEEK: readonly string[] = ['1', '24', '168'];
const REMOVALS = [
  ['', 'Nothing'],
  ['hour', 'What they wrote in the last hour'],
  ['day', 'What they wrote in the last day'],
] as const;

interface Props {
  userId: string;
  /** To begin with. */
  type: SanctionType;
  /** The room that this comes from; null: one may choose among those one moderates. */
  roomId: string | null;
  scope: Scope;
  onDone: () => void;
  /** Offered where it is done because of a report. */
  onCloseCase?: () => Promise<void>;
  onClose: () => void;
}

/** Warns, mutes, kicks or bans somebody, in a room or everywhere. */
export function SanctionDialog({ userId, type: first, roomId, scope, onDone, onCloseCase, onClose }: Props) {
  const name = useUser(userId)?.name ?? '…';
  const roomName = useRoomName(roomId);
  const [type, setType] = useState<SanctionType>(first);
  const options = useRoomOptions(scope);
  const inRooms = roomId === null ? options : [[roomId, roomName] as const];
  // One is not kicked out of the whole place.
  const places = scope.instance && type !== 'kick' ? [...inRooms, ['', 'Everywhere'] as const] : inRooms;
  const [wanted, setWanted] = useState(roomId ?? (scope.instance ? '' : (inRooms[0]?.[0] ?? '')));
  const [hours, setHours] = useState('24');
  const [remove, setRemove] = useState<(typeof REMOVALS)[number][0]>('');
  const [closes, setCloses] = useState(true);
  const place = places.some(([value]) => value === wanted) ? wanted : (places[0]?.[0] ?? '');
  // Moderators ban from the whole place for a week at most.
  const durations =
    type === 'ban' && place === '' && !scope.admin ? DURATIONS.filter(([value]) => WEEK.includes(value)) : DURATIONS;
  const { verb, past, does } = SANCTIONS[type];
  const lasting = durations.some(([value]) => value === hours) ? hours : '24';
  const lasts = type === 'mute' || type === 'ban';

  return (
    <FormDialog
      title={`${verb} ${name}?`}
      verb={verb}
      danger
      onSubmit={async (form) => {
        await client.call('sanction', {
          body: {
            type,
            userId,
            roomId: place === '' ? null : place,
            reason: reasonOf(form),
            until: lasts ? untilOf(lasting) : null,
            removeMessages: place === '' || remove === '' ? null : remove,
          },
        });
        toast(`${past}: ${name}.`);
        onDone();
        if (closes) await onCloseCase?.();
      }}
      onClose={onClose}
    >
      {(problems) => (
        <>
          <Select
            label="What"
            value={type}
            options={SANCTION_TYPES.map((value) => [value, SANCTIONS[value].verb] as const)}
            onChange={(event) => setType(SANCTION_TYPES.find((value) => value === event.target.value) ?? type)}
          />
          <p className="-mt-3 text-sm text-muted">{does} They may appeal once.</p>
          <Select label="Where" value={place} options={places} onChange={(event) => setWanted(event.target.value)} />
          {lasts && (
            <Select
              label="How long"
              value={lasting}
              options={durations}
              onChange={(event) => setHours(event.target.value)}
            />
          )}
          {place !== '' && (
            <Select
              label="Delete as well"
              value={remove}
              options={REMOVALS}
              onChange={(event) => setRemove(REMOVALS.find(([value]) => value === event.target.value)?.[0] ?? '')}
            />
          )}
          <ReasonPicker error={problems['reason']} />
          {onCloseCase && (
            <Switch
              label="Close the report: action taken"
              checked={closes}
              onChange={(event) => setCloses(event.target.checked)}
            />
          )}
        </>
      )}
    </FormDialog>
  );
}
