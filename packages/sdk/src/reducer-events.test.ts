/** What single events do to a room's state. */
import { LIMITS } from '@confab/protocol';
import { describe, expect, test } from 'vitest';
import { ME, ModelRoom } from '../test/model-room.ts';
import { crowded, event, fresh, roomWith, shown } from '../test/room-states.ts';
import { applyEvent, fromSnapshot, type RoomEvent } from './reducer.ts';
import type { RoomState } from './types.ts';

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
