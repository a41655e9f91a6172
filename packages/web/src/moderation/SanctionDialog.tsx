import { ConfabError, type SanctionType } from '@confab/sdk';
import { useState } from 'react';
import { client, useUser } from '../lib/client.ts';
import { fieldProblem } from '../lib/problems.ts';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';
import { toast } from '../ui/toasts.tsx';
import { FormDialog } from './FormDialog.tsx';
import type { Place } from './places.ts';
import { ReasonPicker, reasonOf } from './ReasonPicker.tsx';
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
  /** Where it may be, of the rooms and the whole instance. */
  places: readonly Place[];
  /** Of the instance: others ban from all of it for a week at most. */
  admin: boolean;
  /** To begin with; the first of the usual ones unless told. */
  reason?: string;
  onDone: () => void;
  /** Offered where it is done because of a report. */
  onCloseCase?: () => Promise<void>;
  onClose: () => void;
}

/** Who was in which room, and what they are there, is not known here of every room: what the server refuses, in words. */
function aboutPlace(thrown: unknown, type: SanctionType): unknown {
  if (!(thrown instanceof ConfabError)) return thrown;
  if (thrown.code === 'forbidden')
    return fieldProblem('roomId', 'They stand as high as you there, or somebody above you has decided about them.');
  if (thrown.code !== 'not_found') return thrown;
  return fieldProblem(
    'roomId',
    type === 'kick' ? 'They are not in this room.' : 'They were never in this room: only a ban holds in advance.',
  );
}

/** Warns, mutes, kicks or bans somebody, in a room or everywhere. */
export function SanctionDialog({ userId, type: first, places: all, admin, reason, ...rest }: Props) {
  const { onDone, onCloseCase, onClose } = rest;
  const name = useUser(userId)?.name ?? '…';
  const [type, setType] = useState<SanctionType>(first);
  // One is not kicked out of the whole place.
  const rooms = all.filter(([value]) => value !== '');
  const places = type === 'kick' ? rooms : all;
  const types = SANCTION_TYPES.filter((one) => one !== 'kick' || rooms.length > 0);
  const [wanted, setWanted] = useState(all[0]?.[0] ?? '');
  const [hours, setHours] = useState('24');
  const [remove, setRemove] = useState<(typeof REMOVALS)[number][0]>('');
  const [closes, setCloses] = useState(true);
  const place = places.some(([value]) => value === wanted) ? wanted : (places[0]?.[0] ?? '');
  // Moderators ban from the whole place for a week at most.
  const durations =
    type === 'ban' && place === '' && !admin ? DURATIONS.filter(([value]) => WEEK.includes(value)) : DURATIONS;
  const { verb, past, does } = SANCTIONS[type];
  const lasting = durations.some(([value]) => value === hours) ? hours : '24';
  const lasts = type === 'mute' || type === 'ban';

  return (
    <FormDialog
      title={`${verb} ${name}?`}
      verb={verb}
      danger
      onSubmit={async (form) => {
        const body = {
          type,
          userId,
          roomId: place === '' ? null : place,
          reason: reasonOf(form),
          until: lasts ? untilOf(lasting) : null,
          removeMessages: place === '' || remove === '' ? null : remove,
        };
        await client.call('sanction', { body }).catch((thrown: unknown) => {
          throw place === '' ? thrown : aboutPlace(thrown, type);
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
            options={types.map((value) => [value, SANCTIONS[value].verb] as const)}
            onChange={(event) => setType(SANCTION_TYPES.find((value) => value === event.target.value) ?? type)}
          />
          <p className="-mt-3 text-sm text-muted">{does} They may appeal once.</p>
          <Select
            label="Where"
            name="roomId"
            value={place}
            options={places}
            error={problems['roomId']}
            onChange={(event) => setWanted(event.target.value)}
          />
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
          {/* Before the reasons, which are many: seen without scrolling, as it is on. */}
          {onCloseCase && (
            <Switch
              label="Close the report: action taken"
              checked={closes}
              onChange={(event) => setCloses(event.target.checked)}
            />
          )}
          <ReasonPicker first={reason} error={problems['reason']} />
        </>
      )}
    </FormDialog>
  );
}
