import { expect, test } from 'vitest';
import { ModelRoom } from '../test/model-room.ts';
import { countTotals } from './totals.ts';
import type { RoomView } from './types.ts';

const { me, room } = (() => {
  const snapshot = new ModelRoom().snapshot();
  return { me: snapshot.me, room: snapshot.room };
})();

function view(change: Partial<Omit<RoomView, 'me'>> & { me?: Partial<RoomView['me']> }): RoomView {
  return {
    id: room.id,
    title: 'Room',
    room,
    unread: 0,
    mentions: 0,
    isArchived: false,
    isMuted: false,
    lastMessage: null,
    peer: null,
    pendingCount: 0,
    ...change,
    me: { ...me, ...change.me },
  };
}

test('rooms with something unread count once each, and mentions one by one, in threads as well', () => {
  const rooms = [view({ unread: 3, mentions: 2 }), view({ unread: 1 }), view({})];
  expect(countTotals(rooms, [view({ unread: 1, mentions: 1 })])).toEqual({ rooms: 2, threads: 1, mentions: 3 });
});

test.each<[string, Parameters<typeof view>[0], boolean]>([
  ['marked as unread', { me: { markedUnread: true } }, true],
  ['read', {}, false],
  ['unread, muted', { unread: 1, mentions: 1, isMuted: true }, false],
  ['unread, archived', { unread: 1, mentions: 1, isArchived: true }, false],
  ['unread, notify none', { unread: 1, mentions: 1, me: { notify: 'none' } }, false],
  ['unread, notify mentions', { unread: 1, me: { notify: 'mentions' } }, false],
  ['mentioned, notify mentions', { unread: 1, mentions: 1, me: { notify: 'mentions' } }, true],
])('of a room that is %s the rule decides whether it asks for attention', (_, change, asks) => {
  expect(countTotals([view(change)], []).rooms).toBe(asks ? 1 : 0);
  expect(countTotals([view(change)], []).mentions > 0).toBe(asks && (change.mentions ?? 0) > 0);
});
