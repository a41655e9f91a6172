import type { GuestAccess, Lounge } from '@confab/sdk';
import { useState } from 'react';
import { client } from '../lib/client.ts';
import { textOf } from '../lib/problems.ts';
import { roomAdvice } from '../room/room-advice.ts';
import { TextArea } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';
import { toast } from '../ui/toasts.tsx';
import { FormDialog } from './FormDialog.tsx';
import { NameAndTopic } from './NameAndTopic.tsx';
import { demandPicture, PICTURE_ADVICE, type PictureChoice, PictureField } from './PictureField.tsx';

const MIN_ROLES: readonly (readonly [Lounge['minRole'], string])[] = [
  ['guest', 'Everyone, guests as well'],
  ['user', 'From member up'],
  ['moderator', 'From moderator up'],
];
const GUESTS: readonly (readonly [GuestAccess, string])[] = [
  ['write', 'Read and write'],
  ['read', 'Read only'],
  ['none', 'Stay outside'],
];

interface Props {
  /** null: a new one. */
  lounge: Lounge | null;
  /** Of a new one, among the others. */
  position?: number;
  onSaved: () => void;
  onClose: () => void;
}

/** Opens a lounge, or changes one. */
export function LoungeDialog({ lounge: given, position = 0, onSaved, onClose }: Props) {
  // A new one is there as soon as it is made, also where its picture is refused then.
  const [lounge, setLounge] = useState(given);
  const [picture, setPicture] = useState<PictureChoice>();
  const [minRole, setMinRole] = useState<Lounge['minRole']>(lounge?.minRole ?? 'guest');
  const [guests, setGuests] = useState<GuestAccess>(lounge?.guests ?? 'write');
  const [adultsOnly, setAdultsOnly] = useState(lounge?.adultsOnly ?? false);
  return (
    <FormDialog
      title={lounge === null ? 'Open a lounge' : `Edit ${lounge.name}`}
      verb={lounge === null ? 'Open' : 'Save'}
      advice={{ ...roomAdvice, rules: 'Use up to 4000 characters.', picture: PICTURE_ADVICE }}
      onSubmit={async (form) => {
        const body = {
          name: textOf(form, 'name'),
          topic: textOf(form, 'topic'),
          rules: textOf(form, 'rules'),
          minRole,
          guests,
          adultsOnly,
        };
        if (picture) demandPicture(picture);
        const saved =
          lounge === null
            ? await client.call('createLounge', { body: { ...body, position } })
            : await client.call('updateLounge', { params: { loungeId: lounge.id }, body });
        setLounge(saved);
        onSaved();
        const params = { loungeId: saved.id };
        if (picture) await client.call('setLoungePicture', { params, body: picture });
        if (picture === null) await client.call('removeLoungePicture', { params });
        toast(given === null ? 'The lounge is open.' : 'Saved.');
        if (picture !== undefined) onSaved();
      }}
      onClose={onClose}
    >
      {(problems) => (
        <>
          <NameAndTopic of={lounge} problems={problems} />
          <PictureField lounge={lounge} choice={picture} error={problems['picture']} onChoose={setPicture} />
          <TextArea
            label="Rules"
            name="rules"
            rows={4}
            maxLength={4000}
            defaultValue={lounge?.rules}
            hint="Shown before one comes in. Markdown."
            error={problems['rules']}
          />
          <Select
            label="Who comes in"
            value={minRole}
            options={MIN_ROLES}
            onChange={(event) => setMinRole(MIN_ROLES.find(([role]) => role === event.target.value)?.[0] ?? minRole)}
          />
          {minRole === 'guest' && (
            <Select
              label="Guests"
              value={guests}
              options={GUESTS}
              onChange={(event) => setGuests(GUESTS.find(([value]) => value === event.target.value)?.[0] ?? guests)}
            />
          )}
          <Switch
            label="For people of age"
            hint="Whoever comes in has confirmed to be."
            checked={adultsOnly}
            onChange={(event) => setAdultsOnly(event.target.checked)}
          />
        </>
      )}
    </FormDialog>
  );
}
