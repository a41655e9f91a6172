import type { PublicUser } from '@confab/sdk';
import { useState } from 'react';
import { client } from '../lib/client.ts';
import { messageOf } from '../lib/problems.ts';
import { navigate, roomPath } from '../lib/router.ts';
import { Alert } from '../ui/Alert.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { PeopleSearch } from './PeopleSearch.tsx';

export function DirectChatDialog({ onClose }: { onClose: () => void }) {
  const [problem, setProblem] = useState<string | null>(null);

  async function start(user: PublicUser) {
    try {
      const room = await client.directRoom(user.id);
      onClose();
      navigate(roomPath(room.id));
    } catch (thrown) {
      setProblem(messageOf(thrown));
    }
  }

  return (
    <Dialog title="New message" onClose={onClose}>
      <Alert>{problem}</Alert>
      <PeopleSearch onPick={(user) => void start(user)} isExcluded={() => false} />
    </Dialog>
  );
}
