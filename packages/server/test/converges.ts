/**
 * `expectConverges`: a client that held a snapshot and is told of an action, by whatever of its events arrive, must end
 * up with exactly what a client that comes fresh is shown. Run with the SDK's own reducer, so both are checked at once.
 */
import type { RoomChanges } from '@confab/protocol';
import { expect } from 'vitest';
import { applyChanges, applyEvent, fromSnapshot, joinChanges, type RoomEvent } from '../../sdk/src/reducer.ts';
import type { RoomState } from '../../sdk/src/types.ts';
import type { Connected, Person } from './person.ts';

/** How a client may learn of an action. */
const WAYS: Record<string, (events: RoomEvent[]) => RoomEvent[]> = {
  'every event': (events) => events,
  'every event twice': (events) => events.flatMap((event) => [event, event]),
  'every event, then all again': (events) => [...events, ...events],
  'no event': () => [],
  'the last event only': (events) => events.slice(-1),
  'every second event': (events) => events.filter((_, i) => i % 2 === 0),
  'events in reverse': (events) => events.toReversed(),
};

/** Runs `action` while each of `viewers` holds the room open, and expects each to converge in every way. */
export async function expectConverges<T>(
  roomId: string,
  viewers: readonly Person[],
  action: () => Promise<T>,
): Promise<T> {
  const holding = await Promise.all(
    viewers.map(async (viewer) => {
      const connected = await viewer.connect();
      const snapshot = await connected.ask('room:join', { roomId });
      connected.events.length = 0;
      return { viewer, connected, before: fromSnapshot(snapshot, viewer.id) };
    }),
  );
  const result = await action();
  for (const { viewer, connected, before } of holding) {
    const events = await eventsOf(connected, roomId);
    const fresh = await freshState(viewer, roomId);
    for (const [way, arrive] of Object.entries(WAYS)) {
      const after = await follow(viewer, before, arrive(events));
      expect(comparable(after), `told by ${way}`).toEqual(comparable(fresh));
    }
    connected.socket.disconnect();
  }
  return result;
}

// An answer follows every frame written before it on the same connection, so after one all of them are here.
async function eventsOf(connected: Connected, roomId: string): Promise<RoomEvent[]> {
  await connected.ask('heartbeat', {});
  return (connected.events as RoomEvent[]).filter(
    ({ event, payload }) => ['message', 'room', 'member', 'read', 'me'].includes(event) && payload.roomId === roomId,
  );
}

async function follow(viewer: Person, before: RoomState, events: readonly RoomEvent[]): Promise<RoomState | null> {
  let state: RoomState | null = before;
  for (const event of events) {
    const next = applyEvent(state, event, viewer.id);
    state = next === 'gap' ? await repair(viewer, state) : next;
    if (state === null) return null;
    // A client drops a room it lost; should it be in it again, `sync` names it among the added ones.
    if (state.gone) return freshState(viewer, before.roomId);
  }
  return repair(viewer, state);
}

// What `sync` does for a client; null: the room is not theirs any more.
async function repair(viewer: Person, state: RoomState): Promise<RoomState | null> {
  let joined: RoomChanges | undefined;
  do {
    const since = joined?.rev ?? state.rev;
    const params = { roomId: state.roomId };
    const page = await viewer.call('changes', { params, query: { since: String(since) } }).catch(gone);
    if (page === null) return null;
    joined = joinChanges(joined, page);
  } while (joined.hasMore);
  const next = applyChanges(state, joined);
  return next === 'reload' ? freshState(viewer, state.roomId) : next;
}

async function freshState(viewer: Person, roomId: string): Promise<RoomState | null> {
  const snapshot = await viewer.call('room', { params: { roomId } }).catch(gone);
  return snapshot === null ? null : fromSnapshot(snapshot, viewer.id);
}

function gone(error: unknown): null {
  if ((error as { body?: { code?: string } }).body?.code === 'not_found') return null;
  throw error;
}

// Maps compare by their order of insertion otherwise.
function comparable(state: RoomState | null): unknown {
  if (state === null) return null;
  return {
    ...state,
    members: state.members && Object.fromEntries([...state.members].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}
