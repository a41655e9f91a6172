import { LIMITS } from '@confab/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actions, anyActions, fates, mangle } from '../test/actions.ts';
import { ME, type ModelRoom } from '../test/model-room.ts';
import { crowded, event, fresh, roomWith, shown } from '../test/room-states.ts';
import { applyChanges, applyEvent, closeWindow, fromSnapshot, fromSummary, joinChanges, mergePage } from './reducer.ts';
import type { RoomState } from './types.ts';

/** What a client does: events, and the changes where events cannot go on. */
function repair(room: ModelRoom, state: RoomState, pageSize?: number): RoomState {
  let joined = joinChanges(undefined, room.changes(state.rev, pageSize));
  while (joined.hasMore) joined = joinChanges(joined, room.changes(joined.rev, pageSize));
  const next = applyChanges(state, joined);
  return next === 'reload' ? fromSnapshot(room.snapshot(), ME) : next;
}

/** What the window should hold, from where it begins. */
function history(room: ModelRoom, state: RoomState): unknown {
  return room.shown.slice((state.messages[0]?.n ?? 1) - 1);
}

/** Members beside me: few, or about as many as are listed. */
const crowds = fc.constantFrom(0, 96, 99);
const pageSizes = fc.integer({ min: 1, max: 60 });

describe('any history of a room', () => {
  test('events applied in order, or repaired where they cannot be, end in the state of a fresh snapshot', () => {
    fc.assert(
      fc.property(crowds, anyActions, actions, (crowd, before, during) => {
        const room = crowded(crowd);
        for (const act of before) act(room);
        let state = fromSnapshot(room.snapshot(), ME);
        for (const act of during) {
          const from = room.events.length;
          act(room);
          for (const told of room.events.slice(from)) {
            const next = applyEvent(state, told, ME);
            // While a burst is still being told the room is ahead; the answer of the server is as well.
            state = next === 'gap' ? repair(room, state) : next;
          }
          expect(shown(state)).toEqual(fresh(room));
          expect(state.messages).toEqual(history(room, state));
        }
      }),
      { numRuns: 150 },
    );
  });

  test('events lost, doubled and out of order, then repaired, end in the state of a fresh snapshot', () => {
    fc.assert(
      fc.property(crowds, anyActions, actions, fates, pageSizes, (crowd, before, during, fate, pageSize) => {
        const room = crowded(crowd);
        for (const act of before) act(room);
        let state = fromSnapshot(room.snapshot(), ME);
        room.events.length = 0;
        for (const act of during) act(room);
        for (const told of mangle(room.events, fate)) {
          const next = applyEvent(state, told, ME);
          state = next === 'gap' ? repair(room, state, pageSize) : next;
        }
        state = repair(room, state, pageSize);
        expect(shown(state)).toEqual(fresh(room));
        expect(state.messages).toEqual(history(room, state));
      }),
      { numRuns: 300 },
    );
  });
});

describe('applyChanges', () => {
  test('an answer older than the state changes nothing', () => {
    const { room, state } = roomWith(1);
    const stale = room.changes(state.rev);
    room.send('ann');
    const newer = applyEvent(state, event(room), ME);
    expect(newer !== 'gap' && applyChanges(newer, stale)).toBe(newer);
  });

  test('an answer of the same rev that knows less of what is mine changes nothing', () => {
    const { room, state } = roomWith(1);
    const stale = room.changes(state.rev);
    room.set(ME, { favourite: true });
    const newer = applyEvent(state, event(room), ME);
    expect(newer !== 'gap' && applyChanges(newer, stale)).toBe(newer);
  });

  test('pages that are not joined are refused', () => {
    const { room, state } = roomWith(1);
    for (let i = 0; i < 5; i += 1) room.send('ann');
    expect(() => applyChanges(state, room.changes(state.rev, 2))).toThrow('Join all pages');
  });

  test('a room that was too large for receipts meanwhile is reloaded: marks made then are not among the changes', () => {
    const room = crowded(LIMITS.readReceiptMembers - 1);
    room.send(ME);
    const state = fromSnapshot(room.snapshot(), ME);
    room.join('one-too-many');
    room.read('user-5', 1);
    room.leave('one-too-many');
    expect(applyChanges(state, room.changes(state.rev))).toBe('reload');
  });

  test('a closed room that has become small needs no members; an open one is reloaded', () => {
    const room = crowded(LIMITS.readReceiptMembers);
    const open = fromSnapshot(room.snapshot(), ME);
    const closed = fromSummary(room.snapshot(), ME);
    room.leave('user-1');
    expect(applyChanges(closed, room.changes(closed.rev))).toMatchObject({ members: null });
    expect(applyChanges(open, room.changes(open.rev))).toBe('reload');
  });
});

describe('the window', () => {
  const page = (room: ModelRoom, from: number, to: number) => ({
    messages: room.messages.slice(from - 1, to),
    hasMoreBefore: from > 1,
    hasMoreAfter: to < room.n,
    users: [],
  });
  const ns = (state: RoomState) => [state.messages[0]?.n, state.messages.at(-1)?.n];

  test('a page that touches it extends it, one that does not takes its place', () => {
    const { room, state } = roomWith(200);
    const older = mergePage(state, page(room, 101, 150));
    expect(ns(older)).toEqual([101, 200]);
    const jumped = mergePage(older, page(room, 20, 60));
    expect(ns(jumped)).toEqual([20, 60]);
    expect(jumped).toMatchObject({ hasMoreBefore: true, hasMoreAfter: true });
    expect(mergePage(jumped, page(room, 61, 200))).toMatchObject({ hasMoreAfter: false });
  });

  test('a new message is not put behind a window that does not reach the newest', () => {
    const { room, state } = roomWith(200);
    const jumped = mergePage(state, page(room, 20, 60));
    room.send('ann');
    const next = applyEvent(jumped, event(room), ME);
    expect(next).toMatchObject({ hasMoreAfter: true, lastMessage: { n: 201 } });
    expect(next !== 'gap' && ns(next)).toEqual([20, 60]);
  });

  test('a page that was read before a change does not bring the older state back', () => {
    const { room, state } = roomWith(200);
    const before = page(room, 101, 150);
    room.edit(120);
    const told = event(room);
    const next = applyEvent(state, told, ME);
    if (next === 'gap' || told.event !== 'message') throw new Error('unexpected');
    const merged = mergePage(next, before, [told.payload.message]);
    expect(merged.messages[19]).toEqual(room.messages[119]);
  });

  test('messages of a page that are newer than the state are left to their events', () => {
    const { room, state } = roomWith(60);
    room.send('ann');
    const merged = mergePage(state, page(room, 1, 61));
    expect(ns(merged)).toEqual([1, 60]);
    const next = applyEvent(merged, event(room), ME);
    expect(next !== 'gap' && ns(next)).toEqual([1, 61]);
  });

  test('closing keeps the newest part', () => {
    const { room, state } = roomWith(200);
    expect(ns(closeWindow(state, 10))).toEqual([191, 200]);
    const jumped = mergePage(state, page(room, 20, 60));
    expect(closeWindow(jumped, 10)).toMatchObject({ open: false, hasMoreAfter: false, messages: [{ n: 200 }] });
  });
});
