/** Whoever is removed, or blocks someone, while connected: from then on nothing comes through, by no way there is. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connected, Person } from '../../../test/person.ts';
import { heard, refusedWith, room, type TestRoom } from '../../../test/rooms.ts';
import { joinWorld, nodeCount, type World } from '../../../test/nodes.ts';

let server: World;
beforeAll(async () => {
  server = await joinWorld();
});
afterAll(() => server.stop());

const SECRET = 'Geheimnis';
const poll = { question: `${SECRET}?`, options: ['yes', 'no'] };

interface Scene extends TestRoom {
  messageId: string;
  pollId: string;
  threadId: string;
  device: Connected;
}
/** A room where `owner` said much that concerns `member`, whose device is connected. */
async function scene(): Promise<Scene> {
  const there = await room(server);
  const { owner, member, roomId } = there;
  await owner.call('updateMember', { params: { roomId, userId: member.id }, body: { role: 'moderator' } });
  const { id: messageId } = await owner.say(roomId, `${SECRET} @${member.signedIn.user.username}`);
  const asked = await owner.call('sendMessage', { params: { roomId }, body: { clientId: randomUUID(), poll } });
  await owner.call('pin', { params: { roomId, messageId }, body: { on: true } });
  await member.call('star', { params: { roomId, messageId }, body: { on: true } });
  const threadId = (await member.call('openThread', { params: { roomId, messageId } })).room.id;
  await owner.say(threadId, `${SECRET} in a thread`);
  const device = await member.connect();
  await heard(server, device);
  device.events.length = 0;
  return { ...there, messageId, pollId: asked.id, threadId, device };
}

/** What goes on in a room without someone. */
async function goOn({ owner, other, stranger, roomId, threadId, messageId }: Scene): Promise<void> {
  const live = await owner.connect();
  const said = await other.say(roomId, `${SECRET} still`);
  const params = { roomId, messageId: said.id };
  await other.call('editMessage', { params, body: { body: `${SECRET} edited` } });
  await owner.call('react', { params, body: { emoji: '👍', on: true } });
  await owner.call('pin', { params, body: { on: true } });
  await live.ask('typing', { roomId });
  await other.call('markRead', { params: { roomId }, body: { n: said.n } });
  await owner.call('updateRoom', { params: { roomId }, body: { topic: SECRET } });
  await owner.call('addMembers', { params: { roomId }, body: { userIds: [stranger.id] } });
  await other.say(threadId, `${SECRET} still`);
  await other.call('deleteMessage', { params });
  await owner.call('editMessage', { params: { roomId, messageId }, body: { body: `${SECRET} to the end` } });
}

describe('someone removed', () => {
  test('receives their removal, and not one event after it', async () => {
    const there = await scene();
    const { owner, member, roomId, threadId, device } = there;
    const before = Array.from({ length: 60 }, (_, i) => owner.say(i % 2 ? roomId : threadId, `${i}`));
    const removal = owner.call('removeMember', { params: { roomId, userId: member.id } });
    const after = Array.from({ length: 60 }, (_, i) => owner.say(i % 2 ? roomId : threadId, `${i}`));
    await Promise.all([...before, removal, ...after]);
    await goOn(there);
    await heard(server, device);
    const leaving = device.events
      .map(({ event, payload }, at) => ({
        event,
        at,
        payload: payload as { roomId: string; member?: { leftAt: unknown } },
      }))
      .filter(({ event, payload }) => event === 'member' && payload.member?.leftAt !== null);
    expect(leaving.map(({ payload }) => payload.roomId).toSorted()).toEqual([roomId, threadId].toSorted());
    for (const { at, payload } of leaving) {
      const later = device.events.slice(at + 1).map((one) => one.payload as { roomId?: string });
      expect(later.filter((one) => one.roomId === payload.roomId)).toEqual([]);
    }
  });

  test('is refused by every route and event, as if the room had never been', async () => {
    const there = await scene();
    const { owner, member, stranger, roomId, threadId, messageId, pollId, device } = there;
    const own = await member.say(roomId, 'mine');
    const invite = await member.call('createInvite', { params: { roomId }, body: {} });
    const elsewhere = (await member.call('createRoom', { body: { name: 'Elsewhere' } })).room.id;
    await owner.call('removeMember', { params: { roomId, userId: member.id } });
    for (const id of [roomId, threadId]) {
      const params = { roomId: id };
      const message = { roomId: id, messageId: id === roomId ? messageId : randomUUID() };
      const calls: Record<string, Promise<unknown>> = {
        room: member.call('room', { params }),
        messages: member.call('messages', { params, query: {} }),
        'messages by date': member.call('messages', { params, query: { date: '0' } }),
        changes: member.call('changes', { params, query: { since: '0' } }),
        members: member.call('members', { params, query: {} }),
        message: member.call('message', { params: message }),
        messageEdits: member.call('messageEdits', { params: message }),
        pins: member.call('pins', { params }),
        search: member.call('search', { query: { q: SECRET, roomId: id } }),
        send: member.say(id, 'x'),
        edit: member.call('editMessage', { params: { roomId, messageId: own.id }, body: { body: 'x' } }),
        delete: member.call('deleteMessage', { params: { roomId, messageId: own.id } }),
        react: member.call('react', { params: message, body: { emoji: '👍', on: true } }),
        pin: member.call('pin', { params: message, body: { on: true } }),
        star: member.call('star', { params: message, body: { on: true } }),
        vote: member.call('vote', { params: { roomId, messageId: pollId }, body: { options: [0] } }),
        closePoll: member.call('closePoll', { params: { roomId, messageId: pollId } }),
        markRead: member.call('markRead', { params, body: { n: 1 } }),
        schedule: member.call('schedule', {
          params,
          body: { clientId: randomUUID(), body: 'x', sendAt: Date.now() + 60_000 },
        }),
        forward: member.call('sendMessage', {
          params: { roomId: elsewhere },
          body: { clientId: randomUUID(), forward: { roomId, messageId } },
        }),
        reply: member.call('sendMessage', {
          params: { roomId: elsewhere },
          body: { clientId: randomUUID(), body: 'x', replyTo: messageId },
        }),
        openThread: member.call('openThread', { params: { roomId, messageId } }),
        join: member.call('joinRoom', { params }),
        updateMe: member.call('updateMe', { params, body: { favourite: true } }),
        updateRoom: member.call('updateRoom', { params, body: { name: 'x' } }),
        addMembers: member.call('addMembers', { params, body: { userIds: [stranger.id] } }),
        removeMember: member.call('removeMember', { params: { ...params, userId: owner.id } }),
        leave: member.call('removeMember', { params: { ...params, userId: member.id } }),
        createInvite: member.call('createInvite', { params, body: {} }),
        invites: member.call('invites', { params }),
        revokeInvite: member.call('revokeInvite', { params: { roomId, inviteId: invite.id } }),
        'room:join': device.ask('room:join', params),
        'message:history': device.ask('message:history', params),
        'room:read': device.ask('room:read', { ...params, n: 1 }),
        'message:send': device.ask('message:send', { ...params, clientId: randomUUID(), body: 'x' }),
        'message:edit': device.ask('message:edit', { ...message, body: 'x' }),
        'message:delete': device.ask('message:delete', message),
        'message:react': device.ask('message:react', { ...message, emoji: '👍', on: true }),
        typing: device.ask('typing', params),
      };
      await Promise.all(
        Object.entries(calls).map(([name, call]) =>
          expect.soft(call, name).rejects.toMatchObject(refusedWith('not_found')),
        ),
      );
    }
  });

  test('finds nothing of it in any list, search or sync', async () => {
    const there = await scene();
    const { owner, member, roomId, threadId, device } = there;
    const lists = async (by: Person, connection: Connected) => ({
      rooms: await by.call('rooms', { query: {} }),
      threads: await by.call('threads', { query: {} }),
      search: await by.call('search', { query: { q: SECRET } }),
      'search of mentions': await by.call('search', { query: { q: SECRET, mentionsMe: 'true' } }),
      stars: await by.call('stars', { query: {} }),
      mentions: await by.call('mentions', { query: {} }),
      sync: await connection.ask('sync', { rooms: [roomId, threadId].map((id) => ({ roomId: id, rev: 1, mine: 0 })) }),
      'fresh sync': await connection.ask('sync', { rooms: [] }),
    });
    for (const [name, answer] of Object.entries(await lists(member, device))) {
      expect.soft(JSON.stringify(answer), name).toContain(roomId);
    }
    await owner.call('removeMember', { params: { roomId, userId: member.id } });
    const { sync, ...rest } = await lists(member, device);
    for (const [name, answer] of Object.entries(rest)) {
      expect.soft(JSON.stringify(answer), name).not.toContain(roomId);
      expect.soft(JSON.stringify(answer), name).not.toContain(SECRET);
    }
    expect(sync).toMatchObject({ changed: [], added: [] });
    expect(sync.gone.toSorted()).toEqual([roomId, threadId].toSorted());
    device.events.length = 0;
    await goOn(there);
    await heard(server, device);
    expect(device.events).toEqual([]);
  });
});

describe('someone who blocks', () => {
  test('reads no word of the other from the answer on, live or by any list, however much was on its way', async () => {
    const there = await scene();
    const { owner, member, roomId, threadId, messageId, device } = there;
    const params = { roomId };
    const flood = () =>
      Array.from({ length: 40 }, (_, i) => owner.say(i % 2 ? roomId : threadId, `${SECRET} @room ${i}`));
    const before = flood();
    await member.call('block', { body: { userId: owner.id } });
    // Another node goes by what it knew of blocks when it began to commit.
    if (nodeCount() > 1) await Promise.all(before);
    await heard(server, device);
    device.events.length = 0;
    await Promise.all([...before, ...flood()]);
    await owner.call('editMessage', { params: { roomId, messageId }, body: { body: `${SECRET} edited` } });
    await owner.call('pin', { params: { roomId, messageId }, body: { on: false } });
    await owner.call('pin', { params: { roomId, messageId }, body: { on: true } });
    await heard(server, device);
    expect(JSON.stringify(device.events)).not.toContain(SECRET);
    const held = [roomId, threadId].map((id) => ({ roomId: id, rev: 1, mine: 0 }));
    const answers: Record<string, unknown> = {
      rooms: await member.call('rooms', { query: {} }),
      threads: await member.call('threads', { query: {} }),
      room: await member.call('room', { params }),
      messages: await member.call('messages', { params, query: {} }),
      'messages of the thread': await member.call('messages', { params: { roomId: threadId }, query: {} }),
      message: await member.call('message', { params: { roomId, messageId } }),
      pins: await member.call('pins', { params }),
      stars: await member.call('stars', { query: {} }),
      mentions: await member.call('mentions', { query: {} }),
      search: { ...(await member.call('search', { query: { q: SECRET } })) },
      'search in the room': { ...(await member.call('search', { query: { q: SECRET, roomId } })) },
      changes: await member.call('changes', { params, query: { since: '0' } }),
      sync: await device.ask('sync', { rooms: held }),
      'room:join': await device.ask('room:join', { roomId }),
      'message:history': await device.ask('message:history', { roomId }),
    };
    for (const [name, answer] of Object.entries(answers)) {
      expect.soft(JSON.stringify(answer), name).not.toContain(SECRET);
    }
    for (const list of ['rooms', 'threads'] as const) {
      const { rooms } = await member.call(list, { query: {} });
      expect(rooms.map(({ unread, mentions }) => [unread, mentions])).toEqual([[0, 0]]);
    }
    await expect(member.call('messageEdits', { params: { roomId, messageId } })).rejects.toMatchObject(
      refusedWith('blocked'),
    );
  });

  test('is not told again, by the events kept for short cuts, what was said before', async () => {
    const { owner, member, roomId, threadId, device } = await scene();
    const said = await owner.say(roomId, SECRET);
    await member.call('block', { body: { userId: owner.id } });
    await server.settle();
    const [line, thread] = await Promise.all(
      [roomId, threadId].map((id) => member.call('room', { params: { roomId: id } })),
    );
    if (line === undefined || thread === undefined) throw new Error('a room is missing');
    const rooms = [
      { roomId, rev: said.rev - 1, mine: line.me.mine },
      { roomId: threadId, rev: thread.room.rev, mine: thread.me.mine },
    ];
    const answer = await device.ask('sync', { rooms });
    expect(JSON.stringify(answer)).not.toContain(SECRET);
    expect(answer.changed.map((one) => one.messages.map((message) => message.hidden))).toEqual([[true]]);
  });
});
