import type { RoomState, SanctionType } from '@confab/sdk';
import { useUser } from '../lib/client.ts';
import { EVERYWHERE, useRoomName } from '../moderation/places.ts';
import { SanctionDialog } from '../moderation/SanctionDialog.tsx';
import { reachesEverywhere, useScope } from '../moderation/scope.ts';

interface Props {
  state: RoomState;
  userId: string;
  type: SanctionType;
  onClose: () => void;
}

/** Asks for how long and why; in a thread it is about the room it hangs on. */
export function RoomSanction({ state: { room }, userId, type, onClose }: Props) {
  const scope = useScope();
  const user = useUser(userId);
  const roomId = room.parent?.roomId ?? room.id;
  const roomName = useRoomName(roomId);
  if (scope === null) return null;
  const here = [roomId, roomName] as const;
  return (
    <SanctionDialog
      userId={userId}
      type={type}
      places={reachesEverywhere(scope, user) ? [here, EVERYWHERE] : [here]}
      admin={scope.admin}
      onDone={() => undefined}
      onClose={onClose}
    />
  );
}
