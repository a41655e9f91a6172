import type { RoomState, SanctionType } from '@confab/sdk';
import { SanctionDialog } from '../moderation/SanctionDialog.tsx';
import { useScope } from '../moderation/scope.ts';

interface Props {
  state: RoomState;
  userId: string;
  type: SanctionType;
  onClose: () => void;
}

/** Asks for how long and why; in a thread it is about the room it hangs on. */
export function RoomSanction({ state: { room }, userId, type, onClose }: Props) {
  const scope = useScope();
  if (scope === null) return null;
  return (
    <SanctionDialog
      userId={userId}
      type={type}
      roomId={room.parent?.roomId ?? room.id}
      scope={scope}
      onDone={() => undefined}
      onClose={onClose}
    />
  );
}
