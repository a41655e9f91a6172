import type { LiveRoom, PublicUser, RoomState } from '@confab/sdk';
import { useState } from 'react';
import { useSubmit } from '../lib/problems.ts';
import { PeoplePicker } from '../rooms/PeoplePicker.tsx';
import { Alert } from '../ui/Alert.tsx';
import { Button } from '../ui/Button.tsx';
import { Dialog, DialogActions } from '../ui/Dialog.tsx';

interface Props {
  room: LiveRoom;
  state: RoomState;
  onClose: () => void;
}

export function AddMembersDialog({ room, state, onClose }: Props) {
  const [chosen, setChosen] = useState<readonly PublicUser[]>([]);
  const { busy, problem, onSubmit } = useSubmit(async () => {
    await room.addMembers(chosen.map((user) => user.id));
    onClose();
  });

  return (
    <Dialog title={`Add people to ${state.room.name ?? 'the room'}`} onClose={onClose}>
      <form onSubmit={onSubmit}>
        <Alert>{problem.message}</Alert>
        <PeoplePicker chosen={chosen} onChange={setChosen} isExcluded={(id) => state.members?.has(id) ?? false} />
        <DialogActions>
          <Button type="submit" look="primary" busy={busy} disabled={chosen.length === 0}>
            Add
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
