import type { LanguageRoom } from '@confab/sdk';
import { client } from '../lib/client.ts';
import { textOf } from '../lib/problems.ts';
import { Field } from '../ui/Field.tsx';
import { toast } from '../ui/toasts.tsx';
import { FormDialog } from './FormDialog.tsx';

export const CAPACITY_ADVICE = 'Use a number from 2 to 10,000.';

interface Props {
  loungeId: string;
  of: LanguageRoom;
  onSaved: () => void;
  onClose: () => void;
}

/** How many fit into a language room. */
export function CapacityDialog({ loungeId, of: { room }, onSaved, onClose }: Props) {
  return (
    <FormDialog
      title={`Capacity of ${room.name ?? 'the room'}`}
      verb="Save"
      advice={{ capacity: CAPACITY_ADVICE }}
      onSubmit={async (form) => {
        const body = { capacity: Number(textOf(form, 'capacity')) };
        await client.call('updateLanguageRoom', { params: { loungeId, roomId: room.id }, body });
        toast('Saved.');
        onSaved();
      }}
      onClose={onClose}
    >
      {(problems) => (
        <Field
          label="Places"
          name="capacity"
          type="number"
          inputMode="numeric"
          autoFocus
          defaultValue={room.lounge?.capacity}
          hint="Whoever is in it stays, also where that is more than fit now."
          error={problems['capacity']}
        />
      )}
    </FormDialog>
  );
}
