/** Who may do what in a room: the protocol's table (room-rights.ts), as errors. */
import { ProtocolError, type RoomAction, roomRefusal, type Seat as RoomSeat } from '@confab/protocol';
import type { Silence } from '../safety/index.ts';

export type { RightsKind, RoomAction } from '@confab/protocol';
export { outranks } from '@confab/protocol';

/** With what whoever is silenced is told. */
export interface Seat extends RoomSeat {
  silence?: Silence | undefined;
  /** In a room of adults by their office alone, and has yet to confirm to be one. */
  unconfirmed?: boolean;
}

/** For which one has come in. What an office is for is done from outside. */
const INSIDE: ReadonlySet<RoomAction> = new Set<RoomAction>([
  'read',
  'seeEdits',
  'send',
  'editOwnMessage',
  'react',
  'vote',
  'pin',
  'openThread',
]);

export function may(action: RoomAction, seat: Seat): boolean {
  return roomRefusal(action, seat) === null;
}

/** @throws ProtocolError forbidden, room_archived, room_locked, room_read_only, silenced, members_only, age_confirmation_required */
export function demand(action: RoomAction, seat: Seat): void {
  const error = refusal(action, seat);
  if (error !== null) throw error;
}

/** Why not, or null. */
export function refusal(action: RoomAction, seat: Seat): ProtocolError | null {
  // Asked with every message: an error is made only to be thrown.
  const code =
    seat.unconfirmed === true && INSIDE.has(action) ? 'age_confirmation_required' : roomRefusal(action, seat);
  if (code === null) return null;
  return code === 'silenced' ? new ProtocolError(code, seat.silence) : new ProtocolError(code);
}
