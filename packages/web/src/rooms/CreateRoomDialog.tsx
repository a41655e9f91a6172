import type { PublicUser } from '@confab/sdk';
import { useState } from 'react';
import { client } from '../lib/client.ts';
import { textOf, useSubmit } from '../lib/problems.ts';
import { navigate, roomPath } from '../lib/router.ts';
import { roomAdvice } from '../room/room-advice.ts';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';
import { Switch } from '../ui/Switch.tsx';
import { PeoplePicker } from './PeoplePicker.tsx';

export function CreateRoomDialog({ onClose }: { onClose: () => void }) {
  const [members, setMembers] = useState<readonly PublicUser[]>([]);
  const { busy, problem, onSubmit } = useSubmit(async (form) => {
    const room = await client.createRoom({
      name: textOf(form, 'name'),
      topic: textOf(form, 'topic'),
      memberIds: members.map((user) => user.id),
      kind: form.has('public') ? 'public' : 'group',
    });
    onClose();
    navigate(roomPath(room.id));
  }, roomAdvice);

  return (
    <Dialog title="Create a room" onClose={onClose}>
      <form onSubmit={onSubmit} noValidate>
        <Alert>{problem.message}</Alert>
        <div className="space-y-5">
          <Field
            label="Name"
            name="name"
            autoComplete="off"
            placeholder="Design"
            autoFocus
            error={problem.fields['name']}
          />
          <Field
            label="Topic"
            name="topic"
            autoComplete="off"
            hint="What the room is about. Optional."
            error={problem.fields['topic']}
          />
          <Switch label="Anyone can find and join it" name="public" hint="Otherwise people are added or invited." />
          <fieldset>
            <legend className="mb-1.5 text-sm font-medium">People</legend>
            <PeoplePicker chosen={members} onChange={setMembers} />
          </fieldset>
        </div>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            Create room
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
