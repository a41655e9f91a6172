/** What is for adults is closed until somebody has confirmed to be one, also to those with an office, by every way in. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../../../test/person.ts';
import { joinRoom, languageRoom, refusedWith } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

// That each of them has a row that names the code is seen to by `Person`.
test('an officer who is in a room for adults by office alone neither reads nor writes there by any way', async () => {
  const { admin, roomId } = await languageRoom(server, { lounge: { adultsOnly: true } });
  const member: Person = await server.person('member');
  await member.call('confirmAge', { body: { ofAge: true } });
  await joinRoom(member, roomId);
  const poll = { question: 'Tea?', options: ['Yes', 'No'] };
  const said = await member.call('sendMessage', { params: { roomId }, body: { clientId: randomUUID(), poll } });

  const device = await admin.connect();
  const room = { params: { roomId } };
  const on = { params: { roomId, messageId: said.id } };
  const draft = { clientId: randomUUID(), body: 'hello' };
  const ways: Record<string, () => Promise<unknown>> = {
    messages: () => admin.call('messages', { ...room, query: {} }),
    message: () => admin.call('message', on),
    messageEdits: () => admin.call('messageEdits', on),
    pins: () => admin.call('pins', room),
    search: () => admin.call('search', { query: { q: 'tea', roomId } }),
    members: () => admin.call('members', { ...room, query: {} }),
    invites: () => admin.call('invites', room),
    addMembers: () => admin.call('addMembers', { ...room, body: { userIds: [member.id] } }),
    sendMessage: () => admin.call('sendMessage', { ...room, body: draft }),
    schedule: () => admin.call('schedule', { ...room, body: { ...draft, sendAt: Date.now() + 3_600_000 } }),
    react: () => admin.call('react', { ...on, body: { emoji: '👍', on: true } }),
    pin: () => admin.call('pin', { ...on, body: { on: true } }),
    vote: () => admin.call('vote', { ...on, body: { options: [0] } }),
    closePoll: () => admin.call('closePoll', on),
    openThread: () => admin.call('openThread', on),
    report: () =>
      admin.call('report', { body: { target: { type: 'message', roomId, messageId: said.id }, category: 'spam' } }),
    tryAutomodRule: () =>
      admin.call('tryAutomodRule', { body: { roomId, trigger: { type: 'pattern', pattern: 'tea' } } }),
    'room:join': () => device.ask('room:join', { roomId }),
    'message:history': () => device.ask('message:history', { roomId }),
    'message:send': () => device.ask('message:send', { roomId, ...draft }),
    'message:react': () => device.ask('message:react', { roomId, messageId: said.id, emoji: '👍', on: true }),
    typing: () => device.ask('typing', { roomId }),
  };
  for (const [name, way] of Object.entries(ways)) {
    await expect(way(), name).rejects.toMatchObject(refusedWith('age_confirmation_required'));
  }
});

test('a rule of the instance is tried on what was said in rooms for adults by officers who have confirmed to be one', async () => {
  const { roomId } = await languageRoom(server, { lounge: { adultsOnly: true } });
  const member = await server.person('member');
  await member.call('confirmAge', { body: { ofAge: true } });
  await joinRoom(member, roomId);
  const { id } = await member.say(roomId, 'quite a tangerine');
  const officer = await server.person('officer', 'moderator');
  const trigger = { type: 'words' as const, lists: [], words: ['tangerine'], spare: [] };
  const examples = async () =>
    (await officer.call('tryAutomodRule', { body: { roomId: null, trigger } })).examples.map((message) => message.id);
  expect(await examples()).toEqual([]);
  await officer.call('confirmAge', { body: { ofAge: true } });
  expect(await examples()).toEqual([id]);
});
