import { randomUUID } from 'node:crypto';
import { LIMITS, type Message } from '@confab/protocol';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import type { Person } from '../../../test/person.ts';
import { heard, refusedWith, room, type TestRoom } from '../../../test/rooms.ts';
import { joinWorld, type World } from '../../../test/nodes.ts';

let server: World;
beforeAll(async () => {
  server = await joinWorld();
});
afterAll(() => server.stop());

async function block(by: Person, whom: Person): Promise<void> {
  await by.call('block', { body: { userId: whom.id } });
  await server.settle();
}
async function unblock(by: Person, whom: Person): Promise<void> {
  await by.call('unblock', { params: { userId: whom.id } });
  await server.settle();
}
const line = async (by: Person, roomId: string) =>
  (await by.call('rooms', { query: {} })).rooms.find(({ room: { id } }) => id === roomId);

const SECRET = 'words of someone blocked';
/** A room in which `member` blocks `other`, who said something. */
async function withBlock(): Promise<TestRoom & { said: Message }> {
  const there = await room(server);
  await block(there.member, there.other);
  const said = await there.other.say(there.roomId, SECRET);
  return { ...there, said };
}

describe('the list', () => {
  test('names whom I block, the newest first, with profiles; twice is once; the other learns nothing', async () => {
    const { member, other, stranger } = await room(server);
    const device = await other.connect();
    const own = await member.connect();
    await block(member, other);
    await block(member, other);
    await block(member, stranger);
    const { userIds, users } = await member.call('blocks', {});
    expect(userIds).toEqual([stranger.id, other.id]);
    expect(users.map((user) => user.id).toSorted()).toEqual([other.id, stranger.id].toSorted());
    expect((await other.call('blocks', {})).userIds).toEqual([]);
    await unblock(member, stranger);
    await unblock(member, stranger);
    await heard(server, device, own);
    expect(device.events).toEqual([]);
    expect(own.events.filter(({ event }) => event === 'blocks').map(({ payload }) => payload)).toEqual([
      { userIds: [other.id] },
      { userIds: [stranger.id, other.id] },
      { userIds: [other.id] },
    ]);
  });

  test('holds nobody who does not exist, nor oneself, and has an end', async () => {
    const { member, other, stranger } = await room(server);
    await block(member, other);
    await expect(member.call('block', { body: { userId: randomUUID() } })).rejects.toMatchObject(
      refusedWith('not_found'),
    );
    await expect(block(member, member)).rejects.toMatchObject(refusedWith('not_found'));
    const client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
    await client.query(
      'INSERT INTO safety.blocks SELECT $1, gen_random_uuid(), now() FROM generate_series(2, $2::int)',
      [member.id, LIMITS.blocked],
    );
    await client.end();
    await expect(block(member, stranger)).rejects.toMatchObject(refusedWith('limit_reached'));
    await block(member, other);
  });
});

describe('direct rooms', () => {
  test('between the two are not opened nor written, whoever blocked, and are again afterwards', async () => {
    const { owner: a, member: b, other: c } = await room(server);
    const direct = await a.call('directRoom', { body: { userId: b.id } });
    const roomId = direct.room.id;
    const { id: messageId } = await b.say(roomId, 'before');
    const { id: threadId } = (await a.call('openThread', { params: { roomId, messageId } })).room;
    await block(a, b);
    await block(a, c);
    const blocked = refusedWith('blocked');
    for (const [from, to] of [
      [a, b],
      [b, a],
      [c, a],
    ] as const) {
      await expect(from.call('directRoom', { body: { userId: to.id } })).rejects.toMatchObject(blocked);
    }
    for (const person of [a, b]) {
      await expect(person.say(roomId, 'x')).rejects.toMatchObject(blocked);
      await expect(person.say(threadId, 'x')).rejects.toMatchObject(blocked);
      const device = await person.connect();
      const send = { roomId, clientId: randomUUID(), body: 'x' };
      await expect(device.ask('message:send', send)).rejects.toMatchObject(blocked);
      const own = (await person.call('messages', { params: { roomId }, query: {} })).messages;
      expect(own).toHaveLength(1);
    }
    await unblock(a, b);
    await a.say(roomId, 'again');
    await b.say(threadId, 'again');
  });
});

describe('messages of someone I block', () => {
  test('keep their place and lose everything else, however they are read; others read them', async () => {
    const { owner, member, roomId, said } = await withBlock();
    const reply = await owner.call('sendMessage', {
      params: { roomId },
      body: { clientId: randomUUID(), body: 'what?', replyTo: said.id },
    });
    const { threadId } = await threadAbout(owner, roomId, said);
    const device = await member.connect();
    const params = { roomId };
    const answers: Record<string, unknown> = {
      history: await member.call('messages', { params, query: {} }),
      'history over the socket': await device.ask('message:history', { roomId }),
      snapshot: await member.call('room', { params }),
      'snapshot over the socket': await device.ask('room:join', { roomId }),
      changes: await member.call('changes', { params, query: { since: '0' } }),
      sync: await device.ask('sync', { rooms: [{ roomId, rev: 1, mine: 0 }] }),
      'sync of a room it lacks': await device.ask('sync', { rooms: [] }),
      'one message': await member.call('message', { params: { roomId, messageId: said.id } }),
      'the message replied to': await member.call('message', { params: { roomId, messageId: reply.replyTo ?? '' } }),
      'chat list': await member.call('rooms', { query: {} }),
      'a thread about it': await member.call('messages', { params: { roomId: threadId }, query: {} }),
    };
    for (const [way, answer] of Object.entries(answers)) {
      expect.soft(JSON.stringify(answer), way).not.toContain(SECRET);
    }
    const { message } = await member.call('message', { params: { roomId, messageId: said.id } });
    expect(message).toMatchObject({ n: said.n, senderId: said.senderId, body: '', hidden: true });
    expect(message).not.toHaveProperty('thread');
    expect(JSON.stringify(await owner.call('messages', { params, query: {} }))).toContain(SECRET);
  });

  test('arrive live without their words, whatever happens to them, and it converges', async () => {
    const { owner, member, other, roomId, said } = await withBlock();
    const [device, second] = await Promise.all([member.connect(), member.connect()]);
    await heard(server, device, second);
    const params = { roomId, messageId: said.id };
    const viewers = [owner, member, other];
    await expectConverges(roomId, viewers, () => other.say(roomId, `${SECRET} again`));
    await expectConverges(roomId, viewers, () =>
      other.call('editMessage', { params, body: { body: `${SECRET} edited` } }),
    );
    await expectConverges(roomId, viewers, () => threadAbout(owner, roomId, said));
    await expectConverges(roomId, viewers, () => other.call('deleteMessage', { params }));
    await expectConverges(roomId, viewers, () => owner.say(roomId, 'something else'));
    for (const connection of [device, second]) {
      await heard(server, connection);
      expect(JSON.stringify(connection.events)).not.toContain(SECRET);
      const messages = connection.events.filter(({ event }) => event === 'message');
      expect(messages.length).toBeGreaterThanOrEqual(5);
      const revs = messages.map(({ payload }) => (payload as { rev: number }).rev);
      // Each change once.
      expect(new Set(revs).size).toBe(revs.length);
    }
  });

  test('are passed over for each of several who block their author, and heard by the rest', async () => {
    const { owner, member, other, roomId } = await withBlock();
    await block(owner, other);
    const { id: fourthId } = await server.person();
    const people = [owner, member, other];
    await owner.call('addMembers', { params: { roomId }, body: { userIds: [fourthId] } });
    const devices = await Promise.all(people.map((person) => person.connect()));
    await heard(server, ...devices);
    await other.say(roomId, SECRET);
    await heard(server, ...devices);
    const bodies = devices.map(({ events }) =>
      events
        .filter(({ event }) => event === 'message')
        .map(({ payload }) => (payload as { message: Message }).message.body),
    );
    expect(bodies).toEqual([[''], [''], [SECRET]]);
  });

  test('do not count as unread nor as mentions, and do again once I no longer block; my devices are told', async () => {
    const { owner, member, other, roomId } = await room(server);
    const { username } = member.signedIn.user;
    await owner.say(roomId, 'seen');
    await other.say(roomId, `listen @${username}`);
    await other.say(roomId, 'please');
    const device = await member.connect();
    await heard(server, device);
    expect(await line(member, roomId)).toMatchObject({ unread: 3, mentions: 1, lastMessage: { body: 'please' } });
    await block(member, other);
    expect(await line(member, roomId)).toMatchObject({
      unread: 1,
      mentions: 0,
      lastMessage: { body: '', hidden: true },
    });
    await other.say(roomId, `hello? @${username}`);
    expect(await line(member, roomId)).toMatchObject({ unread: 1, mentions: 0 });
    await unblock(member, other);
    expect(await line(member, roomId)).toMatchObject({ unread: 4, mentions: 2 });
    expect((await line(member, roomId))?.lastMessage).toMatchObject({ body: `hello? @${username}` });
    await heard(server, device);
    const counts = device.events
      .filter(({ event }) => event === 'me')
      .map(({ payload }) => payload as { unread: number; mentions: number })
      .map(({ unread, mentions }) => [unread, mentions]);
    expect(counts).toEqual([
      [1, 0],
      [4, 2],
    ]);
  });

  test('cannot be passed on by me', async () => {
    const { member, roomId, said } = await withBlock();
    const forward = { roomId, messageId: said.id };
    const body = { clientId: randomUUID(), forward };
    await expect(member.call('sendMessage', { params: { roomId }, body })).rejects.toMatchObject(
      refusedWith('bad_input'),
    );
  });

  test('what the room itself says about them stays', async () => {
    const { owner, member, other, roomId } = await withBlock();
    await expectConverges(roomId, [owner, member], () =>
      other.call('removeMember', { params: { roomId, userId: other.id } }),
    );
    const { messages } = await member.call('messages', { params: { roomId }, query: {} });
    expect(messages.at(-1)).toMatchObject({ kind: 'system', system: { type: 'left', userId: other.id } });
  });
});

describe('whatever someone blocked does converges, for who blocks them too', () => {
  type Act = (there: TestRoom & { said: Message }) => Promise<unknown>;
  const invite = ({ other, roomId }: TestRoom) => other.call('createInvite', { params: { roomId }, body: {} });
  const actions: Record<string, Act> = {
    'naming the room and drawing its picture': ({ other, roomId }) =>
      other.call('updateRoom', { params: { roomId }, body: { name: 'Theirs', avatar: '/api/files/theirs' } }),
    archiving: ({ other, roomId }) => other.call('updateRoom', { params: { roomId }, body: { archived: true } }),
    'inviting someone who comes': async (there) => {
      const { code } = await invite(there);
      await there.stranger.call('acceptInvite', { params: { code } });
    },
    'opening a thread about their own message': ({ other, roomId, said }) => threadAbout(other, roomId, said),
    'reading, sharing it or not': async ({ owner, other, roomId }) => {
      await owner.say(roomId, 'news');
      await other.call('markRead', { params: { roomId }, body: { n: 2 } });
      await other.call('updatePreferences', { body: { shareReads: false } });
    },
    'reacting and pinning': async ({ owner, other, roomId, said }) => {
      const own = await owner.say(roomId, 'look');
      await other.call('react', { params: { roomId, messageId: own.id }, body: { emoji: '👍', on: true } });
      await other.call('pin', { params: { roomId, messageId: said.id }, body: { on: true } });
    },
    'leaving and coming back': async (there) => {
      const { owner, other, roomId } = there;
      await other.call('removeMember', { params: { roomId, userId: other.id } });
      await owner.call('addMembers', { params: { roomId }, body: { userIds: [other.id] } });
    },
  };
  for (const [name, act] of Object.entries(actions)) {
    test(name, async () => {
      const there = await withBlock();
      const { owner, member, other, roomId } = there;
      await owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'admin' } });
      await expectConverges(roomId, [owner, member, other], () => act(there));
      const { messages } = await member.call('messages', { params: { roomId }, query: {} });
      expect(JSON.stringify(messages)).not.toContain(SECRET);
    });
  }
});

test('whoever is blocked neither sees nor feels it in shared rooms', async () => {
  const { owner, member, other, roomId } = await withBlock();
  await expectConverges(roomId, [other], () => member.say(roomId, 'hello all'));
  expect(await line(other, roomId)).toMatchObject({ unread: 1, lastMessage: { body: 'hello all' } });
  const { id: messageId } = await member.say(roomId, 'a question');
  await owner.call('openThread', { params: { roomId, messageId } });
  await other.call('openThread', { params: { roomId, messageId } });
});

test('a thread someone blocked opens about my message is not put into my list', async () => {
  const { member, other, roomId } = await withBlock();
  const mine = await member.say(roomId, 'a question');
  await other.call('openThread', { params: { roomId, messageId: mine.id } });
  expect((await member.call('threads', { query: {} })).rooms).toEqual([]);
});

async function threadAbout(by: Person, roomId: string, { id }: Message): Promise<{ threadId: string }> {
  const { room: made } = await by.call('openThread', { params: { roomId, messageId: id } });
  return { threadId: made.id };
}

test('nobody is brought into a room by someone they block, and is by others', async () => {
  const { owner, member, stranger, roomId } = await room(server);
  await block(stranger, owner);
  const body = { name: 'You cannot hide', memberIds: [member.id, stranger.id] };
  await expect(owner.call('createRoom', { body })).rejects.toMatchObject(refusedWith('blocked'));
  const add = { params: { roomId }, body: { userIds: [stranger.id] } };
  await expect(owner.call('addMembers', add)).rejects.toMatchObject(refusedWith('blocked'));
  expect((await stranger.call('rooms', { query: {} })).rooms).toEqual([]);
  await owner.call('updateMember', { params: { roomId, userId: member.id }, body: { role: 'moderator' } });
  expect((await member.call('addMembers', add)).members).toMatchObject([{ userId: stranger.id }]);
});
