import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { joinWorld, type World } from '../../../test/nodes.ts';
import type { Connected, Person } from '../../../test/person.ts';
import { heard } from '../../../test/rooms.ts';
import { startServer } from '../../../test/server.ts';
import { FakeClock } from '../../platform/clock.ts';

let server: World;
beforeAll(async () => {
  server = await joinWorld();
});
afterAll(() => server.stop());

async function group(size = 3, world = server) {
  const people = await Promise.all(Array.from({ length: size }, () => world.person()));
  const [owner, ...others] = people as [Person, ...Person[]];
  const { room } = await owner.call('createRoom', { body: { name: 'Room', memberIds: others.map((p) => p.id) } });
  const connections = await Promise.all(people.map((person) => person.connect()));
  await heard(world, ...connections);
  return { people, connections, roomId: room.id };
}

/** Who was told of as typing. */
async function typists(connected: Connected | undefined): Promise<string[]> {
  if (connected === undefined) throw new Error('not connected');
  await heard(server, connected);
  return connected.events
    .filter(({ event }) => event === 'typing')
    .map(({ payload }) => (payload as { userId: string }).userId);
}

describe('typing', () => {
  test('is told to the others in the room, on none of one’s own devices, and changes nothing', async () => {
    const { people, connections, roomId } = await group();
    const [typist] = people;
    const second = await typist?.connect();
    // Profiles are in no order.
    const state = async () => ({ ...(await typist?.call('room', { params: { roomId } })), users: [] });
    const before = await state();
    await connections[0]?.ask('typing', { roomId });
    expect(await typists(connections[1])).toEqual([typist?.id]);
    expect(await typists(connections[2])).toEqual([typist?.id]);
    expect(await typists(connections[0])).toEqual([]);
    expect(await typists(second)).toEqual([]);
    expect(await state()).toEqual(before);
  });

  test('of one person in one room at most one word in two seconds is passed on', async () => {
    const clock = new FakeClock();
    const timed = await startServer({}, { clock });
    try {
      const { connections, roomId } = await group(3, timed);
      const [typist, viewer] = connections;
      for (let i = 0; i < 20; i += 1) await typist?.ask('typing', { roomId });
      expect(await typists(viewer)).toHaveLength(1);
      await clock.advance(1999);
      await typist?.ask('typing', { roomId });
      expect(await typists(viewer)).toHaveLength(1);
      await clock.advance(1);
      await typist?.ask('typing', { roomId });
      expect(await typists(viewer)).toHaveLength(2);
      await connections[2]?.ask('typing', { roomId });
      expect(await typists(viewer)).toHaveLength(3);
    } finally {
      await timed.stop();
    }
  });

  test('whoever may not send may not type: a stranger, one who was removed, anyone in an archived room', async () => {
    const { people, connections, roomId } = await group();
    const stranger = await (await server.person()).connect();
    await expect(stranger.ask('typing', { roomId })).rejects.toMatchObject({ body: { code: 'not_found' } });
    await people[0]?.call('removeMember', { params: { roomId, userId: people[1]?.id ?? '' } });
    await expect(connections[1]?.ask('typing', { roomId })).rejects.toMatchObject({ body: { code: 'not_found' } });
    await connections[0]?.ask('typing', { roomId });
    expect(await typists(connections[1])).toEqual([]);
    await people[0]?.call('updateRoom', { params: { roomId }, body: { archived: true } });
    await expect(connections[2]?.ask('typing', { roomId })).rejects.toMatchObject({ body: { code: 'room_archived' } });
    expect(await typists(connections[2])).toEqual([people[0]?.id]);
  });

  test('is not told across a block, either way', async () => {
    const { people, connections, roomId } = await group(4);
    const [a, b] = people;
    await a?.call('block', { body: { userId: b?.id ?? '' } });
    await server.settle();
    await connections[0]?.ask('typing', { roomId });
    await connections[1]?.ask('typing', { roomId });
    expect(await typists(connections[0])).toEqual([]);
    expect(await typists(connections[1])).toEqual([]);
    for (const other of connections.slice(2)) expect(await typists(other)).toEqual([a?.id, b?.id]);
  });
});
