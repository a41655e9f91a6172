import type { LiveRoom, RoomState } from '@confab/sdk';
import { useState } from 'react';
import { attempt } from '../lib/attempt.ts';
import { client } from '../lib/client.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { navigate } from '../lib/router.ts';
import { FormDialog } from '../moderation/FormDialog.tsx';
import { ReasonPicker, reasonOf } from '../moderation/ReasonPicker.tsx';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';
import { roomAdvice } from './room-advice.ts';
import { may, seatOf } from './rights.ts';

interface Props {
  room: LiveRoom;
  state: RoomState;
  onClose: () => void;
}

export function RoomSettingsDialog({ room, state, onClose }: Props) {
  const seat = seatOf(state);
  const [deleting, setDeleting] = useState(false);
  const { busy, problem, onSubmit } = useSubmit(async (form) => {
    const body = { name: textOf(form, 'name'), topic: textOf(form, 'topic') };
    await client.call('updateRoom', { params: { roomId: room.id }, body });
    onClose();
  }, roomAdvice);

  const words = 'The room and all of its messages are deleted for everyone.';
  async function deleteRoom(reason?: string) {
    await room.deleteRoom(reason);
    navigate('/', { replace: true });
  }

  if (deleting && state.me.role !== 'owner')
    return (
      <FormDialog
        title={`Delete ${state.room.name ?? 'room'}?`}
        verb="Delete room"
        danger
        onSubmit={(form) => deleteRoom(reasonOf(form))}
        onClose={() => setDeleting(false)}
      >
        {(problems) => (
          <>
            <p className="text-muted">{words}</p>
            <ReasonPicker error={problems['reason']} />
          </>
        )}
      </FormDialog>
    );
  if (deleting)
    return (
      <ConfirmDialog
        title={`Delete ${state.room.name ?? 'room'}?`}
        verb="Delete room"
        onConfirm={() => deleteRoom()}
        onClose={() => setDeleting(false)}
      >
        {words}
      </ConfirmDialog>
    );

  return (
    <Dialog title="Room settings" onClose={onClose}>
      <form onSubmit={onSubmit} noValidate>
        <Alert>{problem.message}</Alert>
        <div className="space-y-5">
          <Field
            label="Name"
            name="name"
            defaultValue={state.room.name ?? ''}
            autoComplete="off"
            error={problem.fields['name']}
          />
          <Field
            label="Topic"
            name="topic"
            defaultValue={state.room.topic}
            autoComplete="off"
            hint="What the room is about. Optional."
            error={problem.fields['topic']}
          />
        </div>
        <DialogActions>
          {may('deleteRoom', seat) && (
            <Button look="danger" className="mr-auto" onClick={() => setDeleting(true)}>
              Delete room
            </Button>
          )}
          {may('archive', seat) && state.room.archivedAt === null && (
            <Button
              onClick={() => {
                attempt(room.archive());
                onClose();
              }}
            >
              Archive
            </Button>
          )}
          <Button type="submit" look="primary" busy={busy}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
