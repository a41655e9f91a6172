import type { Message, ReportTarget } from '@confab/protocol';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../../test/person.ts';
import { room } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';

let server: TestServer;
let moderator: Person;
let db: pg.Client;
beforeAll(async () => {
  server = await startServer({ AUTO_HIDE_REPORTS: '2' });
  moderator = await server.person('mod', 'moderator');
  db = new pg.Client({ connectionString: server.databaseUrl });
  await db.connect();
});
afterAll(async () => {
  await db.end();
  await server.stop();
});

const DAY = 86_400_000;

async function notices(of: Person) {
  const { notices } = await of.call('notices', { query: {} });
  return notices.map(({ type, roomId, roomName, reason }) => ({ type, roomId, roomName, reason }));
}

/** What was done in a room, the first first. */
async function trail(roomId: string) {
  const { rows } = await db.query<{
    action: string;
    by: string;
    target: string;
    reason: string | null;
    details: object;
  }>(
    `SELECT action, actor_id AS by, target_id AS target, reason, details FROM safety.log WHERE room_id = $1 ORDER BY seq`,
    [roomId],
  );
  return rows;
}

describe('a moderator who deletes one message of somebody else', () => {
  test('may say why, over REST and socket: its author is told, and it is in the trail; once', async () => {
    const { owner, member, roomId } = await room(server);
    const [first, second, third] = [
      await member.say(roomId, 'a'),
      await member.say(roomId, 'b'),
      await member.say(roomId, 'c'),
    ];
    const at = (message: Message) => ({ roomId, messageId: message.id });
    const device = await member.connect();
    await owner.call('deleteMessage', { params: at(first), body: { reason: 'Spam' } });
    await owner.call('deleteMessage', { params: at(first), body: { reason: 'Again' } });
    const desk = await owner.connect();
    await desk.ask('message:delete', { ...at(second), reason: 'Rude' });
    await owner.call('deleteMessage', { params: at(third) });

    const { room: mine } = await member.call('room', { params: { roomId } });
    expect(await notices(member)).toEqual(
      ['', 'Rude', 'Spam'].map((reason) => ({ type: 'messages_removed', roomId, roomName: mine.name, reason })),
    );
    await device.until(({ event }) => event === 'notice');
    expect((await trail(roomId)).map(({ action, target, reason }) => [action, target, reason])).toEqual([
      ['message.deleted', member.id, 'Spam'],
      ['message.deleted', member.id, 'Rude'],
      ['message.deleted', member.id, null],
    ]);
  });

  test('in a thread names the room it hangs on; who deletes their own is told nothing', async () => {
    const { owner, member, roomId } = await room(server);
    const root = await member.say(roomId, 'root');
    const { room: thread } = await owner.call('openThread', { params: { roomId, messageId: root.id } });
    const said = await member.say(thread.id, 'in the thread');
    await owner.call('deleteMessage', { params: { roomId: thread.id, messageId: said.id } });
    await member.call('deleteMessage', { params: { roomId, messageId: root.id }, body: { reason: 'Mine' } });
    expect(await notices(member)).toMatchObject([{ type: 'messages_removed', roomId }]);
    expect(await trail(roomId)).toHaveLength(1);
  });
});

describe('a message that is hidden for its reports', () => {
  test.each([
    ['action_taken', 'messages_removed'],
    ['no_action', 'message_shown'],
  ] as const)('tells its author so, and what became of it by %s', async (outcome, type) => {
    const { owner, member, other, roomId } = await room(server);
    await db.query('UPDATE accounts.users SET created_at = $1', [new Date(Date.now() - 2 * DAY)]);
    const said = await other.say(roomId, 'an opinion');
    const target: ReportTarget = { type: 'message', roomId, messageId: said.id };
    for (const by of [owner, member]) await by.call('report', { body: { target, category: 'spam' } });
    expect(await notices(other)).toMatchObject([{ type: 'message_hidden', roomId }]);
    const { cases } = await moderator.call('cases', { query: { roomId } });
    const [found] = cases;
    await moderator.call('closeCase', {
      params: { caseId: found?.id ?? '' },
      body: { outcome, version: found?.version ?? 0 },
    });
    expect(await notices(other)).toMatchObject([{ type, roomId }, { type: 'message_hidden' }]);
  });
});

test('who is muted on the whole instance says nothing by their profile or status either, but takes it back', async () => {
  const whom = await server.person('loud');
  const device = await whom.connect();
  const { name } = await whom.call('updateProfile', { body: { name: 'Loud', bio: 'Here' } });
  await device.ask('presence:set', { text: 'here', emoji: '👍' });
  const { id: sanctionId } = await moderator.call('sanction', {
    body: { type: 'mute', userId: whom.id, roomId: null, reason: 'Spam' },
  });
  const said = [
    () => whom.call('updateProfile', { body: { bio: 'BUY' } }),
    () => whom.call('updateProfile', { body: { name: 'BUY' } }),
    () => device.ask('presence:set', { text: 'BUY' }),
    () => device.ask('presence:set', { emoji: '💰' }),
  ];
  for (const say of said) {
    await expect(say()).rejects.toMatchObject({ body: { code: 'silenced', details: { reason: 'Spam' } } });
  }
  expect(await whom.call('updateProfile', { body: { name, bio: '', languages: ['en'] } })).toMatchObject({ bio: '' });
  await device.ask('presence:set', { status: 'dnd', text: null, emoji: null });
  await moderator.call('liftSanction', { params: { sanctionId }, body: { reason: 'Sorry' } });
  for (const say of said) await say();
});

test.each(['kick', 'ban'] as const)(
  'after a %s the room says that somebody was removed, and not by whom',
  async (type) => {
    const { owner, member, roomId } = await room(server);
    const { id: sanctionId } = await owner.call('sanction', {
      body: { type, userId: member.id, roomId, reason: 'Be kind' },
    });
    if (type === 'ban') await owner.call('liftSanction', { params: { sanctionId }, body: { reason: 'Sorry' } });
    await owner.call('addMembers', { params: { roomId }, body: { userIds: [member.id] } });
    const { messages } = await member.call('messages', { params: { roomId }, query: {} });
    const left = messages.filter(({ system }) => system?.type === 'left');
    const system = { type: 'left', actorId: member.id, userId: member.id, expelled: true };
    expect(left.map(({ senderId, system }) => ({ senderId, system }))).toEqual([{ senderId: member.id, system }]);
  },
);

describe('who acts on what is others’ stands in the trail:', () => {
  test('a poll that a moderator closes, once; not one’s own', async () => {
    const { owner, member, roomId } = await room(server);
    const ask = (by: Person) =>
      by.call('sendMessage', {
        params: { roomId },
        body: { clientId: randomUUID(), poll: { question: 'Tea?', options: ['yes', 'no'] } },
      });
    const [theirs, own] = [await ask(member), await ask(owner)];
    for (const { id } of [theirs, theirs, own]) {
      await owner.call('closePoll', { params: { roomId, messageId: id } });
    }
    expect(await trail(roomId)).toMatchObject([{ action: 'poll.closed', by: owner.id, target: member.id }]);
  });

  test('roles in a room, given and taken; not one’s own', async () => {
    const { owner, member, roomId } = await room(server);
    const give = (by: Person, whom: Person, role: 'member' | 'admin' | 'owner') =>
      by.call('updateMember', { params: { roomId, userId: whom.id }, body: { role } });
    for (const role of ['admin', 'admin', 'member', 'owner'] as const) await give(owner, member, role);
    await give(owner, owner, 'member');
    const entry = { action: 'room_role.changed', by: owner.id, target: member.id };
    expect(await trail(roomId)).toMatchObject([
      { ...entry, details: { from: 'member', to: 'admin' } },
      { ...entry, details: { from: 'admin', to: 'member' } },
      { ...entry, details: { from: 'member', to: 'owner' } },
    ]);
  });

  test('a public room that is renamed by office, with what it was called; not by those who run it', async () => {
    const { owner, roomId } = await room(server, 'public');
    const admin = await server.person('admin', 'admin');
    const change = (by: Person, name: string) =>
      by.call('updateRoom', { params: { roomId }, body: { name, topic: '' } });
    await change(owner, 'Ours');
    for (let i = 0; i < 2; i++) await change(admin, 'Theirs');
    await admin.call('updateRoom', { params: { roomId }, body: { archived: true } });
    const entry = { action: 'room.changed', by: admin.id };
    expect(await trail(roomId)).toMatchObject([
      { ...entry, details: { name: { from: 'Ours', to: 'Theirs' } } },
      { ...entry, details: { archived: { from: false, to: true } } },
    ]);
  });

  test('a room of others that is deleted, and its owners are told; not one’s own', async () => {
    const admin = await server.person('admin', 'admin');
    const { owner, roomId } = await room(server, 'public');
    const { room: before } = await owner.call('room', { params: { roomId } });
    await admin.call('deleteRoom', { params: { roomId }, body: { reason: 'A scam' } });
    const told = { type: 'room_deleted', roomId, roomName: before.name, reason: 'A scam' };
    expect(await notices(owner)).toEqual([told]);
    const details = { name: before.name, kind: 'public', owners: [owner.id] };
    expect(await trail(roomId)).toMatchObject([{ action: 'room.deleted', by: admin.id, reason: 'A scam', details }]);
    const own = await room(server);
    await own.owner.call('deleteRoom', { params: { roomId: own.roomId } });
    expect(await trail(own.roomId)).toEqual([]);
  });

  test('a lounge that is changed, from what to what; what is as it was is no change', async () => {
    const admin = await server.person('admin', 'admin');
    const { id: loungeId } = await admin.call('createLounge', { body: { name: 'Garden', topic: 'Plants' } });
    const change = (body: { name?: string; topic?: string }) =>
      admin.call('updateLounge', { params: { loungeId }, body });
    await change({ name: 'Garden', topic: 'Plots' });
    await change({ topic: 'Plots' });
    await change({});
    const { entries } = await moderator.call('moderationLog', {
      query: { action: 'lounge.changed', actorId: admin.id },
    });
    expect(entries.map(({ details }) => details)).toEqual([{ loungeId, topic: { from: 'Plants', to: 'Plots' } }]);
  });
});
