import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../../test/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test('P-LIVE-6 a room left on one connection stays left there, whatever becomes of the membership, until join or sync', async () => {
  const [owner, member] = await Promise.all([server.person(), server.person()]);
  const { room } = await owner.call('createRoom', { body: { name: 'Room', memberIds: [member.id] } });
  const roomId = room.id;
  const [leaver, listener] = await Promise.all([member.connect(), member.connect()]);
  await Promise.all([leaver.ask('room:join', { roomId }), listener.ask('room:join', { roomId })]);
  const bodies = ({ events }: { events: readonly { event: string; payload: unknown }[] }) =>
    events
      .filter(({ event }) => event === 'message')
      .map(({ payload }) => (payload as { message: { body: string } }).message.body);
  const said = async (body: string) => {
    await owner.say(roomId, body);
    await listener.until(
      ({ event, payload }: { event: string; payload: { message?: { body: string } } }) =>
        event === 'message' && payload.message?.body === body,
    );
    await leaver.ask('heartbeat', {});
  };
  await leaver.ask('room:leave', { roomId });
  await owner.call('updateMember', { params: { roomId, userId: member.id }, body: { role: 'moderator' } });
  await member.call('updatePreferences', { body: { shareReads: false } });
  await said('left');
  expect(bodies(leaver)).toEqual([]);
  await leaver.ask('room:join', { roomId });
  await said('joined');
  await leaver.ask('room:leave', { roomId });
  await said('left again');
  await leaver.ask('sync', { rooms: [] });
  await owner.call('updateMember', { params: { roomId, userId: member.id }, body: { role: 'member' } });
  await said('synced');
  expect(bodies(leaver)).toEqual(['joined', 'synced']);
});
