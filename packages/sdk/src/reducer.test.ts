import { LIMITS } from '@confab/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actions, anyActions, fates, mangle } from '../test/actions.ts';
import { ME, ModelRoom } from '../test/model-room.ts';
import { applyChanges, applyEvent, closeWindow, fromSnapshot, fromSummary, joinChanges, mergePage } from './reducer.ts';
import type { RoomEvent } from './reducer.ts';
import type { RoomState } from './types.ts';

/** What a client does: events, and the changes where events cannot go on. */
function repair(room: ModelRoom, state: RoomState, pageSize?: number): RoomState {
  let joined = joinChanges(undefined, room.changes(state.rev, pageSize));
  while (joined.hasMore) joined = joinChanges(joined, room.changes(joined.rev, pageSize));
  const next = applyChanges(state, joined);
  return next === 'reload' ? fromSnapshot(room.snapshot(), ME) : next;
}

/** What a client shows: the newest page apart, everything a fresh snapshot says. */
function shown(state: RoomState) {
  return { ...state, messages: state.messages.slice(-50), hasMoreBefore: state.room.n > 50 };
}

function fresh(room: ModelRoom): RoomState {
  return shown(fromSnapshot(room.snapshot(), ME));
}

/** What the window should hold, from where it begins. */
function history(room: ModelRoom, state: RoomState): unknown {
  return room.shown.slice((state.messages[0]?.n ?? 1) - 1);
}

/** Members beside me: few, or about as many as are listed. */
const crowds = fc.constantFrom(0, 96, 99);
const pageSizes = fc.integer({ min: 1, max: 60 });

function crowded(crowd: number): ModelRoom {
  const room = new ModelRoom();
  for (let i = 0; i < crowd; i += 1) room.join(`user-${i}`);
  return room;
}

function event(room: ModelRoom): RoomEvent {
  const last = room.events.at(-1);
  if (!last) throw new Error('nothing happened');
  return last;
}

function roomWith(count: number, sender = 'ann'): { room: ModelRoom; state: RoomState } {
  const room = new ModelRoom();
  for (let i = 0; i < count; i += 1) room.send(sender);
  return { room, state: fromSnapshot(room.snapshot(), ME) };
}

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

describe('applyEvent', () => {
  test('an event that is already contained leaves the very same state', () => {
    const { room, state } = roomWith(2);
    expect(applyEvent(state, event(room), ME)).toBe(state);
  });

  test('an event after a missing one is a gap', () => {
    const { room, state } = roomWith(1);
    room.send('ann');
    room.send('ann');
    expect(applyEvent(state, event(room), ME)).toBe('gap');
  });

  test('a deletion while the unread count is at its cap is a gap: only the server knows the number', () => {
    const { room, state } = roomWith(LIMITS.unreadCap);
    expect(state.unread).toBe(LIMITS.unreadCap);
    room.delete(3);
    expect(applyEvent(state, event(room), ME)).toBe('gap');
  });

  test('deleting a message of mine, or one that was read, leaves the unread count', () => {
    const room = new ModelRoom();
    room.send('ann');
    room.read(ME, 1);
    room.send(ME);
    room.send('ann');
    let state = fromSnapshot(room.snapshot(), ME);
    for (const n of [1, 2]) {
      room.delete(n);
      const next = applyEvent(state, event(room), ME);
      if (next === 'gap') throw new Error('a gap');
      state = next;
    }
    expect(state.unread).toBe(1);
  });

  test('my unnumbered read mark is applied at the rev it was counted at, and is a gap at a later one', () => {
    const room = crowded(LIMITS.readReceiptMembers);
    for (let i = 0; i < 3; i += 1) room.send('ann');
    const state = fromSnapshot(room.snapshot(), ME);
    room.read(ME, 2);
    const mark = event(room);
    expect(applyEvent(state, mark, ME)).toMatchObject({ unread: 1, me: { lastReadN: 2 }, rev: state.rev });
    room.send('ann');
    const later = applyEvent(state, event(room), ME);
    expect(later !== 'gap' && applyEvent(later, mark, ME)).toBe('gap');
  });

  test('my settings take no number: the state with the higher `mine` wins, whatever order they arrive in', () => {
    const { room, state } = roomWith(2);
    room.set(ME, { favourite: true });
    room.set(ME, { favourite: false, notify: 'none' });
    const [first, second] = room.events.slice(-2);
    if (!first || !second) throw new Error('two events');
    const later = applyEvent(state, second, ME);
    expect(later).toMatchObject({ rev: state.rev, me: { favourite: false, notify: 'none' } });
    expect(later !== 'gap' && applyEvent(later, first, ME)).toBe(later);
  });

  test('my numbered mark is the change of its rev: the one before it must be known', () => {
    const { room, state } = roomWith(3);
    room.read(ME, 2);
    const mark = event(room);
    const next = applyEvent(state, mark, ME);
    expect(next).toMatchObject({ rev: state.rev + 1, unread: 1, me: { lastReadN: 2 } });
    expect(next !== 'gap' && next.members?.get(ME)?.lastReadN).toBe(2);
    room.read(ME, 3);
    expect(applyEvent(state, event(room), ME)).toBe('gap');
  });

  test('mentions are counted with what is unread, and go with the mention, the message, and reading', () => {
    const { room, state } = roomWith(1);
    const follow = (from: RoomState, act: () => void) => {
      act();
      const next = applyEvent(from, event(room), ME);
      if (next === 'gap') throw new Error('a gap');
      return next;
    };
    const mentioned = follow(state, () => room.send('ann', { userIds: [ME], everyone: null }));
    const here = follow(mentioned, () => room.send('ann', { userIds: [], everyone: 'here' }));
    expect([mentioned.mentions, here.mentions, here.unread]).toEqual([1, 2, 3]);
    const edited = follow(here, () => room.edit(2));
    expect([edited.mentions, edited.unread]).toEqual([1, 3]);
    const deleted = follow(edited, () => room.delete(3));
    expect([deleted.mentions, deleted.unread]).toEqual([0, 2]);
    const again = follow(deleted, () => room.edit(1, { userIds: [ME], everyone: 'room' }));
    expect(again.mentions).toBe(1);
    expect(follow(again, () => room.read(ME, 3))).toMatchObject({ unread: 0, mentions: 0 });
  });

  test('words of the server count as nothing, nor do messages of people I block', () => {
    const room = new ModelRoom();
    room.block('ann', true);
    const state = fromSnapshot(room.snapshot(), ME);
    room.events.length = 0;
    room.announce('bob');
    room.send('ann', { userIds: [ME], everyone: null });
    let now = state;
    for (const told of room.events) {
      const next = applyEvent(now, told, ME);
      if (next === 'gap') throw new Error('a gap');
      now = next;
    }
    expect(now).toMatchObject({ unread: 0, mentions: 0, lastMessage: { n: 2, hidden: true, body: '' } });
  });

  test('a message that is hidden for its reports, and one that is shown again, count as before', () => {
    const room = new ModelRoom();
    room.send('ann', { userIds: [ME], everyone: null });
    const shown = fromSnapshot(room.snapshot(), ME);
    const [message] = shown.messages;
    if (message === undefined) throw new Error('there is no message');
    const user = { id: 'ann', username: 'ann', name: 'Ann', role: 'user' as const };
    const tell = (now: RoomState, next: typeof message): RoomState => {
      const payload = { roomId: now.roomId, rev: next.rev, message: next, user };
      const after = applyEvent(now, { event: 'message', payload }, ME);
      if (after === 'gap') throw new Error('a gap');
      return after;
    };
    const veiled = { ...message, rev: shown.rev + 1, body: '', hidden: true as const, reported: true as const };
    const hidden = tell(shown, veiled);
    const again = tell(hidden, { ...message, rev: shown.rev + 2 });
    for (const one of [shown, hidden, again]) expect([one.unread, one.mentions]).toEqual([1, 1]);
    expect([hidden.messages[0]?.body, again.messages[0]?.body]).toEqual(['', message.body]);
  });

  test('a deleted message whose thread goes on is not counted out twice', () => {
    const { room, state } = roomWith(3);
    room.events.length = 0;
    room.delete(2);
    room.bumpThread(2);
    room.bumpThread(2);
    const end = room.events.reduce<RoomState>((now, told) => {
      const next = applyEvent(now, told, ME);
      if (next === 'gap') throw new Error('a gap');
      return next;
    }, state);
    expect(end.unread).toBe(2);
    expect(shown(end)).toEqual(fresh(room));
  });

  test('my own leaving, and the deletion of the room, mark it as gone', () => {
    const { room, state } = roomWith(1);
    const { me } = room;
    const rev = state.rev + 1;
    const left: RoomEvent = {
      event: 'member',
      payload: { roomId: 'room', rev, member: { ...me, leftAt: 5, rev }, memberCount: 0 },
    };
    expect(applyEvent(state, left, ME)).toMatchObject({ gone: true });
    const deleted: RoomEvent = {
      event: 'room',
      payload: { roomId: 'room', rev, room: { ...state.room, rev, deletedAt: 5 } },
    };
    expect(applyEvent(state, deleted, ME)).toMatchObject({ gone: true });
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
