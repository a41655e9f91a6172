/** Rooms of the model as clients have them: for tests of the reducer. */
import { fromSnapshot, type RoomEvent } from '../src/reducer.ts';
import type { RoomState } from '../src/types.ts';
import { ME, ModelRoom } from './model-room.ts';

/** What a client shows: the newest page apart, everything a fresh snapshot says. */
export function shown(state: RoomState) {
  return { ...state, messages: state.messages.slice(-50), hasMoreBefore: state.room.n > 50 };
}

export function fresh(room: ModelRoom): RoomState {
  return shown(fromSnapshot(room.snapshot(), ME));
}

/** With so many people beside me. */
export function crowded(crowd: number): ModelRoom {
  const room = new ModelRoom();
  for (let i = 0; i < crowd; i += 1) room.join(`user-${i}`);
  return room;
}

/** What happened last. */
export function event(room: ModelRoom): RoomEvent {
  const last = room.events.at(-1);
  if (!last) throw new Error('nothing happened');
  return last;
}

/** With so many messages, and as I have it. */
export function roomWith(count: number, sender = 'ann'): { room: ModelRoom; state: RoomState } {
  const room = new ModelRoom();
  for (let i = 0; i < count; i += 1) room.send(sender);
  return { room, state: fromSnapshot(room.snapshot(), ME) };
}
