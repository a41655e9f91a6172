import type { LiveRoom, RoomState } from '@confab/sdk';
import { useSecondsUntil } from '../lib/useSecondsUntil.ts';
import { may, seatOf } from './rights.ts';

/** Seconds until slow mode lets me write again; 0: now. What is sent too early all the same waits in the outbox. */
export function useSlowMode(room: LiveRoom, state: RoomState): number {
  const { slowMode } = state.room.moderation;
  const binds = slowMode > 0 && !may('moderate', seatOf(state));
  const last = binds ? lastSending(room, state) : 0;
  const left = useSecondsUntil(last + slowMode * 1000, slowMode);
  return binds ? left : 0;
}

/** When I wrote last, also what is on its way or held; epoch ms, 0: never. */
function lastSending({ pending }: LiveRoom, { messages, me }: RoomState): number {
  const sent = messages.findLast(({ senderId, kind }) => senderId === me.userId && kind !== 'system');
  const going = pending.findLast(({ state }) => state !== 'failed');
  return Math.max(sent?.createdAt ?? 0, me.held.at(-1)?.createdAt ?? 0, going?.createdAt ?? 0);
}
