import { useRoomName } from './places.ts';

/** The name of a room within a sentence. */
export function RoomName({ roomId }: { roomId: string | null }) {
  return <>{useRoomName(roomId)}</>;
}
