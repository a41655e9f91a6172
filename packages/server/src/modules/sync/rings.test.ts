import { randomUUID } from 'node:crypto';
import { LIMITS } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../../test/person.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { type NumberedFrame, RoomRings } from './rings.ts';

function frame(roomId: string, rev: number, except?: string[]): NumberedFrame {
  const payload = { roomId, rev, userId: randomUUID(), lastReadN: rev };
  return except === undefined ? { event: 'read', payload } : { event: 'read', payload, except };
}
const SENDER = { id: randomUUID(), username: 'ann', name: 'Ann', role: 'user' as const };
const LONG = {
  id: randomUUID(),
  roomId: randomUUID(),
  n: 1,
  rev: 1,
  clientId: 'client-id',
  senderId: SENDER.id,
  kind: 'text' as const,
  replyTo: null,
  createdAt: 0,
  editedAt: null,
  deletedAt: null,
};
const revs = (frames: NumberedFrame[] | null) => frames?.map(({ payload }) => payload.rev) ?? null;

describe('a ring', () => {
  test('answers what it holds without a hole, in order, whatever the order in which it came', () => {
    const rings = new RoomRings();
    for (const rev of [3, 5, 4, 6]) rings.push(frame('a', rev));
    expect(revs(rings.between('a', 3, 6, 'me'))).toEqual([4, 5, 6]);
    expect(revs(rings.between('a', 6, 6, 'me'))).toEqual([]);
    expect(rings.between('a', 1, 6, 'me')).toBeNull();
    expect(rings.between('a', 3, 7, 'me')).toBeNull();
    expect(rings.between('b', 0, 1, 'me')).toBeNull();
  });

  test('answers nobody who was told in other words', () => {
    const rings = new RoomRings();
    rings.push(frame('a', 1));
    rings.push(frame('a', 2, ['me']));
    expect(rings.between('a', 0, 2, 'me')).toBeNull();
    expect(revs(rings.between('a', 0, 2, 'you'))).toEqual([1, 2]);
  });

  test('keeps the newest of a room and forgets what grew silent', () => {
    const rings = new RoomRings();
    for (let rev = 1; rev <= 150; rev += 1) rings.push(frame('a', rev));
    expect(rings.between('a', 49, 150, 'me')).toBeNull();
    expect(revs(rings.between('a', 50, 150, 'me'))).toHaveLength(100);
    rings.forget('a');
    expect(rings.between('a', 149, 150, 'me')).toBeNull();
  });

  test('is bounded over all rooms: the one told of longest ago goes first', () => {
    const rings = new RoomRings();
    for (let room = 0; room < 250; room += 1) for (let rev = 1; rev <= 100; rev += 1) rings.push(frame(`${room}`, rev));
    expect(rings.between('0', 0, 100, 'me')).toBeNull();
    expect(revs(rings.between('249', 0, 100, 'me'))).toHaveLength(100);
  });

  test('is bounded by what is said, too: a thousand of the longest messages, and no more', () => {
    const rings = new RoomRings();
    const message = { ...LONG, body: 'A'.repeat(LIMITS.body) };
    for (let room = 0; room < 30; room += 1) {
      for (let rev = 1; rev <= 100; rev += 1) {
        rings.push({ event: 'message', payload: { roomId: `${room}`, rev, message, user: SENDER } });
      }
    }
    const kept = Array.from({ length: 30 }, (_, room) => rings.between(`${room}`, 0, 100, 'me') !== null);
    expect(kept).toEqual(Array.from({ length: 30 }, (_, room) => room >= 20));
  });
});

describe('sync', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  test('P-SYNC-5 replays what a client missed while others were told, and lists the changes where it cannot', async () => {
    const [owner, member, late] = await Promise.all([server.person(), server.person(), server.person()]);
    const { room } = await owner.call('createRoom', { body: { name: 'Ring', memberIds: [member.id] } });
    const roomId = room.id;
    const live = await owner.connect();
    const before = await (await member.connect()).ask('room:join', { roomId });
    const held = { roomId, rev: before.room.rev, mine: before.me.mine };
    const sent = await owner.say(roomId, 'missed');
    await owner.call('react', { params: { roomId, messageId: sent.id }, body: { emoji: '👍', on: true } });
    await live.ask('heartbeat', {});
    const back = await member.connect();
    const answer = await back.ask('sync', { rooms: [held] });
    expect(answer.changed).toEqual([]);
    expect(answer.replayed).toMatchObject([
      { roomId, events: [{ event: 'message' }, { event: 'message', payload: { message: { body: 'missed' } } }] },
    ]);
    expect((await back.ask('sync', { rooms: [{ ...held, rev: before.room.rev - 2 }] })).changed).toHaveLength(1);
    // A read mark of my own is told to me in other words, so it comes as a change.
    await member.call('markRead', { params: { roomId }, body: { n: sent.n } });
    expect((await back.ask('sync', { rooms: [held] })).changed).toMatchObject([{ summary: { unread: 0 } }]);
    // Nobody is told of a room that is not theirs.
    expect((await (await late.connect()).ask('sync', { rooms: [held] })).gone).toEqual([roomId]);
  });

  test('replays no more at once than an answer holds: beyond that it lists the changes', async () => {
    const person = await server.person();
    const device = await person.connect();
    for (let i = 0; i < 2; i += 1) {
      const { room } = await person.call('createRoom', { body: { name: 'Long stories' } });
      await Promise.all(Array.from({ length: 80 }, () => person.say(room.id, 'A'.repeat(LIMITS.body))));
    }
    const { added } = await device.ask('sync', { rooms: [] });
    const missing = (events: number) =>
      device.ask('sync', {
        rooms: added.map(({ room, me }) => ({ roomId: room.id, rev: room.rev - events, mine: me.mine })),
      });
    const few = await missing(60);
    expect(few).toMatchObject({ changed: [], hasMore: false });
    expect(few.replayed.map(({ events }) => events.length)).toEqual([60, 60]);
    expect(await missing(65)).toMatchObject({ replayed: [], hasMore: true });
  });

  test.each([
    [
      'edited',
      (by: Person, params: { roomId: string; messageId: string }) =>
        by.call('editMessage', { params, body: { body: 'better' } }),
    ],
    ['deleted', (by: Person, params: { roomId: string; messageId: string }) => by.call('deleteMessage', { params })],
  ])('tells nobody who missed them the words of a message that was %s meanwhile', async (_how, act) => {
    const [owner, member] = await Promise.all([server.person(), server.person()]);
    const { room } = await owner.call('createRoom', { body: { name: 'Regret', memberIds: [member.id] } });
    const roomId = room.id;
    const live = await owner.connect();
    await live.ask('heartbeat', {});
    const { me } = await member.call('room', { params: { roomId } });
    const { id: messageId } = await owner.say(roomId, 'a regretted word');
    await act(owner, { roomId, messageId });
    await live.ask('heartbeat', {});
    const answer = await (await member.connect()).ask('sync', { rooms: [{ roomId, rev: room.rev, mine: me.mine }] });
    expect(answer.changed.flatMap(({ messages }) => messages)).toMatchObject([{ id: messageId }]);
    expect(JSON.stringify(answer)).not.toContain('a regretted word');
  });
});
