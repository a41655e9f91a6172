import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../../test/server.ts';

// On one node: another one follows a room a moment after it heard of the joining, and `room:join` bridges that.
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test('a newcomer hears the room from the moment of joining, a removed one not a frame more', async () => {
  const [owner, member, other, stranger] = await Promise.all([
    server.person(),
    server.person(),
    server.person(),
    server.person(),
  ]);
  const { room } = await owner.call('createRoom', { body: { name: 'Room', memberIds: [member.id, other.id] } });
  const roomId = room.id;
  const newcomer = await stranger.connect();
  const leaver = await member.connect();
  await newcomer.ask('heartbeat', {});
  await leaver.ask('heartbeat', {});
  await owner.call('addMembers', { params: { roomId }, body: { userIds: [stranger.id] } });
  await owner.call('removeMember', { params: { roomId, userId: member.id } });
  await owner.say(roomId, 'after');
  await newcomer.until(
    ({ event, payload }: { event: string; payload: { message?: { body: string } } }) =>
      event === 'message' && payload.message?.body === 'after',
  );
  await leaver.ask('heartbeat', {});
  // The joining of the one, told in words too, the leaving of the other, and what is said then.
  expect(newcomer.events.map((e) => e.event)).toEqual(['member', 'message', 'member', 'message', 'message']);
  expect(leaver.events.map((e) => e.event)).toEqual(['member', 'message', 'member']);
  expect(leaver.events[2]?.payload).toMatchObject({ member: { userId: member.id, leftAt: expect.any(Number) } });
});
