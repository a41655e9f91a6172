import { afterAll, beforeAll, expect, test } from 'vitest';
import { room } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { FakeClock } from '../clock.ts';

// Two nodes on one database whose buses do not reach each other: every hint between them is lost.
const clock = new FakeClock();
let first: TestServer;
let second: TestServer;
beforeAll(async () => {
  first = await startServer({}, { clock });
  second = await startServer({}, { clock, databaseUrl: first.databaseUrl });
});
afterAll(async () => {
  await second.stop();
  await first.stop();
});

const bodies = (events: readonly { event: string; payload: unknown }[]) =>
  events
    .filter(({ event }) => event === 'message')
    .map(({ payload }) => (payload as { message: { body: string } }).message.body);

test('who left a room hears nothing of it, and of its threads, after 5 s, also when the hint was lost', async () => {
  const { owner, member, other, roomId } = await room(first);
  const { id: messageId } = await member.say(roomId, 'a question');
  const threadId = (await owner.call('openThread', { params: { roomId, messageId } })).room.id;
  const leaver = await member.at(second.url).connect();
  const stayer = await other.at(second.url).connect();
  await Promise.all([leaver.ask('heartbeat', {}), stayer.ask('heartbeat', {})]);
  await owner.call('removeMember', { params: { roomId, userId: member.id } });
  const elsewhere = owner.at(second.url);
  await elsewhere.say(roomId, 'overheard');
  await elsewhere.say(threadId, 'overheard');
  await leaver.ask('heartbeat', {});
  // The hint is lost indeed.
  expect(bodies(leaver.events)).toContain('overheard');
  await clock.advance(5000);
  await expect
    .poll(async () => {
      leaver.events.length = 0;
      await elsewhere.say(roomId, 'not for them');
      await elsewhere.say(threadId, 'not for them');
      await leaver.ask('heartbeat', {});
      return leaver.events;
    })
    .toEqual([]);
  await stayer.ask('heartbeat', {});
  expect(bodies(stayer.events)).toContain('not for them');
});

test('who left and came back goes on hearing', async () => {
  const { owner, member, roomId } = await room(first);
  const device = await member.at(second.url).connect();
  await device.ask('heartbeat', {});
  await owner.call('removeMember', { params: { roomId, userId: member.id } });
  await owner.call('addMembers', { params: { roomId }, body: { userIds: [member.id] } });
  await clock.advance(5000);
  await owner.at(second.url).say(roomId, 'welcome back');
  await device.until(
    ({ event, payload }: { event: string; payload: { message?: { body: string } } }) =>
      event === 'message' && payload.message?.body === 'welcome back',
  );
});

test('P-SOCK-6 whoever is banned, disabled or signed out elsewhere is cut off after 5 s, also when the hint was lost', async () => {
  const owner = await first.person('owner', 'owner');
  const body = { reason: 'Spam' };
  const deeds = [
    (userId: string) => owner.call('ban', { params: { userId }, body: { ...body, until: null } }),
    (userId: string) => owner.call('disableAccount', { params: { userId }, body }),
    (userId: string) => owner.call('signOutAccount', { params: { userId } }),
  ];
  for (const deed of deeds) {
    const [whom, bystander] = await Promise.all([first.person(), first.person()]);
    const [theirs, other] = await Promise.all([whom.at(second.url).connect(), bystander.at(second.url).connect()]);
    await Promise.all([theirs.ask('heartbeat', {}), other.ask('heartbeat', {})]);
    await deed(whom.id);
    // The hint is lost indeed.
    await theirs.ask('heartbeat', {});
    await clock.advance(5000);
    await theirs.until(({ event }) => event === 'session:ended');
    await expect(whom.at(second.url).call('profile', {})).rejects.toMatchObject({ body: { code: 'session_ended' } });
    await other.ask('heartbeat', {});
  }
});

test('whoever is muted on the whole instance elsewhere writes nothing after 5 s, also when the hint was lost', async () => {
  const { member, roomId } = await room(first);
  const moderator = await first.person('moderator', 'moderator');
  const there = member.at(second.url);
  await there.say(roomId, 'before');
  await moderator.call('sanction', { body: { type: 'mute', userId: member.id, roomId: null, reason: 'Spam' } });
  await expect(member.at(first.url).say(roomId, 'x')).rejects.toMatchObject({ body: { code: 'silenced' } });
  // The hint is lost indeed.
  await there.say(roomId, 'meanwhile');
  await clock.advance(5000);
  await expect(there.say(roomId, 'x')).rejects.toMatchObject({ body: { code: 'silenced', details: { until: null } } });
});

test('P-ROLE-2 a role that was changed elsewhere holds after 5 s, also when the hint was lost', async () => {
  const [owner, whom] = await Promise.all([first.person('owner', 'owner'), first.person()]);
  const there = whom.at(second.url);
  const mayAdministrate = () =>
    there.call('accounts', { query: {} }).then(
      () => true,
      () => false,
    );
  const shown = async () => (await there.call('profile', {})).role;
  expect(await mayAdministrate()).toBe(false);
  await owner.call('setRole', { params: { userId: whom.id }, body: { role: 'admin' } });
  // The hint is lost indeed.
  expect(await mayAdministrate()).toBe(false);
  await clock.advance(5000);
  expect([await mayAdministrate(), await shown()]).toEqual([true, 'admin']);
  await owner.call('setRole', { params: { userId: whom.id }, body: { role: 'user' } });
  expect(await mayAdministrate()).toBe(true);
  await clock.advance(5000);
  expect([await mayAdministrate(), await shown()]).toEqual([false, 'user']);
});
