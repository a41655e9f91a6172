/** Who has an office on the whole instance comes into rooms without being a member: nothing of it outlasts the office. */
import type { Member } from '@confab/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinRoom, languageRoom, refusedWith } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test('who came into a thread by their office alone reads nothing of it once that is gone', async () => {
  const { roomId } = await languageRoom(server);
  const owner = await server.person('owner', 'owner');
  const [user, moderator] = [await server.person(), await server.person('moderator', 'moderator')];
  await joinRoom(user, roomId);
  const { id: messageId } = await user.say(roomId, 'Let us go on in a thread');
  const { room: thread } = await user.call('openThread', { params: { roomId, messageId } });
  await expect(joinRoom(moderator, thread.id)).rejects.toMatchObject(refusedWith('forbidden'));
  await moderator.say(thread.id, 'Mind your manners');
  const device = await moderator.connect();
  await device.ask('heartbeat', {});
  await owner.call('setRole', { params: { userId: moderator.id }, body: { role: 'user' } });
  await user.say(thread.id, 'among ourselves');
  await device.ask('heartbeat', {});

  expect(JSON.stringify(device.events)).not.toContain('among ourselves');
  expect((await moderator.call('threads', { query: {} })).rooms).toEqual([]);
  const params = { roomId: thread.id };
  const refused = refusedWith('not_found');
  await expect(moderator.call('room', { params })).rejects.toMatchObject(refused);
  await expect(moderator.call('changes', { params, query: { since: '0' } })).rejects.toMatchObject(refused);
  await expect(device.ask('room:join', params)).rejects.toMatchObject(refused);
});

test('who lost the office that a lounge asks for is out of it at once', async () => {
  const { roomId } = await languageRoom(server, { lounge: { minRole: 'moderator' } });
  const owner = await server.person('owner', 'owner');
  const moderator = await server.person('moderator', 'moderator');
  await joinRoom(moderator, roomId);
  const device = await moderator.connect();
  await owner.call('setRole', { params: { userId: moderator.id }, body: { role: 'user' } });
  await device.until(
    ({ event, payload }: { event: string; payload: { member: Member } }) =>
      event === 'member' && payload.member.leftAt !== null,
  );
  await expect(moderator.say(roomId, 'Still here')).rejects.toMatchObject(refusedWith('not_found'));
});

test('whoever is a member as well follows threads as any other member does', async () => {
  const { roomId } = await languageRoom(server);
  const [user, moderator] = [await server.person(), await server.person('moderator', 'moderator')];
  for (const person of [user, moderator]) await joinRoom(person, roomId);
  const { id: messageId } = await user.say(roomId, 'Let us go on in a thread');
  const { room: thread } = await user.call('openThread', { params: { roomId, messageId } });
  await moderator.say(thread.id, 'Gladly');
  expect((await moderator.call('threads', { query: {} })).rooms.map(({ room }) => room.id)).toEqual([thread.id]);
});
