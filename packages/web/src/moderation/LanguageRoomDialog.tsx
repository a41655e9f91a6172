import type { Lounge } from '@confab/sdk';
import { useState } from 'react';
import { client } from '../lib/client.ts';
import { offeredLanguages } from '../lib/language-names.ts';
import { textOf } from '../lib/problems.ts';
import { Field } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import { toast } from '../ui/toasts.tsx';
import { ROOM_ADVICE } from './EditRoomDialog.tsx';
import { FormDialog } from './FormDialog.tsx';
import { SLOW_MODES } from './words.ts';

interface Props {
  lounge: Lounge;
  onSaved: () => void;
  onClose: () => void;
}

/** Adds a room for a language to a lounge. */
export function LanguageRoomDialog({ lounge, onSaved, onClose }: Props) {
  const [language, setLanguage] = useState('en');
  const [slowMode, setSlowMode] = useState('0');
  return (
    <FormDialog
      title={`A room in ${lounge.name}`}
      verb="Add room"
      advice={ROOM_ADVICE}
      onSubmit={async (form) => {
        const name = textOf(form, 'name').trim();
        await client.call('createLanguageRoom', {
          params: { loungeId: lounge.id },
          body: {
            language,
            ...(name !== '' && { name }),
            topic: textOf(form, 'topic'),
            capacity: Number(textOf(form, 'capacity')),
            slowMode: Number(slowMode),
          },
        });
        toast('The room is there.');
        onSaved();
      }}
      onClose={onClose}
    >
      {(problems) => (
        <>
          <Select
            label="Language"
            value={language}
            options={offeredLanguages()}
            onChange={(event) => setLanguage(event.target.value)}
          />
          <Field
            label="Name"
            name="name"
            autoComplete="off"
            hint="Left empty: what the language calls itself."
            error={problems['name']}
          />
          <Field label="Topic" name="topic" autoComplete="off" error={problems['topic']} />
          <Field
            label="Places"
            name="capacity"
            type="number"
            inputMode="numeric"
            defaultValue={200}
            error={problems['capacity']}
          />
          <Select
            label="Slow mode"
            value={slowMode}
            options={SLOW_MODES}
            onChange={(event) => setSlowMode(event.target.value)}
          />
        </>
      )}
    </FormDialog>
  );
}
