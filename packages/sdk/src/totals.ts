/** What of all rooms asks for attention. */
import type { RoomView, Totals } from './types.ts';

/** Counts over the chat list and the followed threads. */
export function countTotals(rooms: readonly RoomView[], threads: readonly RoomView[]): Totals {
  const heard = [...rooms, ...threads].filter(asksForAttention);
  return {
    rooms: rooms.filter((room) => asksForAttention(room) && isUnread(room)).length,
    threads: threads.filter((thread) => asksForAttention(thread) && isUnread(thread)).length,
    mentions: heard.reduce((sum, room) => sum + room.mentions, 0),
  };
}

function asksForAttention({ me, isMuted, isArchived }: RoomView): boolean {
  return !isMuted && !isArchived && me.notify !== 'none';
}

function isUnread({ me, unread, mentions }: RoomView): boolean {
  return me.markedUnread || mentions > 0 || (me.notify === 'all' && unread > 0);
}
