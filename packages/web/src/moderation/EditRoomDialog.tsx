import type { LanguageRoom } from '@confab/sdk';
import { client } from '../lib/client.ts';
import { textOf } from '../lib/problems.ts';
import { roomAdvice } from '../room/room-advice.ts';
import { Field } from '../ui/Field.tsx';
import { toast } from '../ui/toasts.tsx';
import { FormDialog } from './FormDialog.tsx';
import { NameAndTopic } from './NameAndTopic.tsx';

export const ROOM_ADVICE = { ...roomAdvice, capacity: 'Use a number from 2 to 10,000.' } as const;

interface Props {
  loungeId: string;
  of: LanguageRoom;
  onSaved: () => void;
  onClose: () => void;
}

/** Name, topic and capacity of a language room. */
export function EditRoomDialog({ loungeId, of: { room }, onSaved, onClose }: Props) {
  return (
    <FormDialog
      title={`Edit ${room.name ?? 'the room'}`}
      verb="Save"
      advice={ROOM_ADVICE}
      onSubmit={async (form) => {
        const roomId = room.id;
        const [name, topic] = [textOf(form, 'name'), textOf(form, 'topic')];
        if (name !== room.name || topic !== room.topic)
          await client.call('updateRoom', { params: { roomId }, body: { name, topic } });
        // Last, as it has the list of lounges made anew.
        const body = { capacity: Number(textOf(form, 'capacity')) };
        await client.call('updateLanguageRoom', { params: { loungeId, roomId }, body });
        toast('Saved.');
        onSaved();
      }}
      onClose={onClose}
    >
      {(problems) => (
        <>
          <NameAndTopic of={room} problems={problems} />
          <Field
            label="Places"
            name="capacity"
            type="number"
            inputMode="numeric"
            defaultValue={room.lounge?.capacity}
            hint="Whoever is in it stays, also where that is more than fit now."
            error={problems['capacity']}
          />
        </>
      )}
    </FormDialog>
  );
}
