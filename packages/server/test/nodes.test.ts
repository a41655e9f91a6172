/** What must hold between nodes: two real processes on one database and one Redis. */
import { randomUUID } from 'node:crypto';
import type { Message, Presence } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Nodes, SHORT_LEASE, startNodes } from './nodes.ts';
import { call, type Connected, type Person, type Refusal } from './person.ts';

let nodes: Nodes;
beforeAll(async () => {
  nodes = await startNodes(2);
});
afterAll(() => nodes.stop());

/** Two people, and a connection of each: of the first on the first node, of the second on the second. */
async function apart() {
  const [here, there] = await Promise.all([nodes.person(), nodes.person()]);
  const [a, b] = [await here.connect(nodes.urls[0]), await there.connect(nodes.urls[1])];
  const { room } = await here.call('createRoom', { body: { name: 'Room', memberIds: [there.id] } });
  const roomId = room.id;
  await Promise.all([a.ask('room:join', { roomId }), b.ask('room:join', { roomId })]);
  return { here, there, a, b, roomId };
}
const send = (by: Connected, roomId: string, body: string) =>
  by.ask('message:send', { roomId, clientId: randomUUID(), body });
const hears = (connected: Connected, body: string) =>
  connected.until(
    ({ event, payload }: { event: string; payload: { message?: Message } }) =>
      event === 'message' && payload.message?.body === body,
  );
const messagesOf = (connected: Connected) =>
  connected.events
    .filter(({ event }) => event === 'message')
    .map(({ payload }) => (payload as { message: Message }).message);
async function statusOf(connected: Connected, person: Person): Promise<string | undefined> {
  const { users } = await connected.ask('presence:watch', { userIds: [person.id] });
  return users[0]?.status;
}
const isTold = (connected: Connected, person: Person, status: string) =>
  connected.until(
    ({ event, payload }: { event: string; payload: { users: Presence[] } }) =>
      event === 'presence' && payload.users.some((one) => one.userId === person.id && one.status === status),
  );

describe('live events', () => {
  test('reach members on every node, each once, numbered without a gap by both', async () => {
    const { a, b, roomId } = await apart();
    await Promise.all(Array.from({ length: 60 }, (_, i) => send(i % 2 === 0 ? a : b, roomId, `${i}`)));
    for (const connected of [a, b]) {
      await expect.poll(() => messagesOf(connected).filter(({ kind }) => kind === 'text').length).toBe(60);
      const ns = messagesOf(connected).map(({ n }) => n);
      expect(ns.toSorted((x, y) => x - y)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    }
  });

  test('a newcomer on another node holds everything from the snapshot on', async () => {
    const { here, a, roomId } = await apart();
    const newcomer = await nodes.person();
    const connected = await newcomer.connect(nodes.urls[1]);
    await here.call('addMembers', { params: { roomId }, body: { userIds: [newcomer.id] } });
    await connected.until(({ event }) => event === 'member');
    const [, snapshot] = await Promise.all([
      Promise.all(Array.from({ length: 20 }, (_, i) => send(a, roomId, `${i}`))),
      connected.ask('room:join', { roomId }),
    ]);
    await send(a, roomId, 'last');
    await hears(connected, 'last');
    const held = new Set([...snapshot.messages, ...messagesOf(connected)].map(({ n }) => n));
    const { messages } = await here.call('messages', { params: { roomId }, query: {} });
    expect(messages.filter(({ n }) => !held.has(n))).toEqual([]);
  });

  test('someone who is removed on one node hears nothing of it on the other', async () => {
    const { here, there, a, b, roomId } = await apart();
    const left = b.until(
      ({ event, payload }: { event: string; payload: { member?: { userId: string; leftAt: number | null } } }) =>
        event === 'member' && payload.member?.userId === there.id && payload.member.leftAt !== null,
    );
    await call(nodes.urls[0], here.signedIn.accessToken, 'removeMember', { params: { roomId, userId: there.id } });
    await send(a, roomId, 'among us');
    await left;
    // Another room they share, told over the same bus after it.
    const { room } = await here.call('createRoom', { body: { name: 'Other', memberIds: [there.id] } });
    await b.ask('room:join', { roomId: room.id });
    await a.ask('room:join', { roomId: room.id });
    await send(a, room.id, 'to both');
    await hears(b, 'to both');
    expect(messagesOf(b).map(({ body }) => body)).not.toContain('among us');
    await expect(b.ask('room:join', { roomId })).rejects.toMatchObject({ body: { code: 'not_found' } });
  });

  test('typing is told across nodes, and not to oneself', async () => {
    const { there, a, b, roomId } = await apart();
    await b.ask('typing', { roomId });
    await a.until(
      ({ event, payload }: { event: string; payload: { userId: string } }) =>
        event === 'typing' && payload.userId === there.id,
    );
    expect(b.events.map(({ event }) => event)).not.toContain('typing');
  });
});

describe('what nodes remember', () => {
  test('a session that ends on one node is cut on the other', async () => {
    const { there, b } = await apart();
    const closed = new Promise((resolve) => b.socket.once('disconnect', resolve));
    await call(nodes.urls[0], undefined, 'signOut', { body: { refreshToken: there.signedIn.refreshToken } });
    await closed;
    expect(b.events.at(-1)).toEqual({ event: 'session:ended', payload: { reason: 'signed_out' } });
    await expect(there.connect(nodes.urls[1])).rejects.toThrow('session_ended');
  });

  test.each([
    ['banned', 'ban', { reason: 'Spam', until: null }],
    ['disabled', 'disableAccount', { reason: 'Spam' }],
  ] as const)('P-SOCK-6 whoever is %s on one node is cut off on the other, and told so', async (reason, deed, body) => {
    const { there, b } = await apart();
    const owner = await nodes.person('owner', 'owner');
    const closed = new Promise((resolve) => b.socket.once('disconnect', resolve));
    const params = { userId: there.id };
    await call(nodes.urls[0], owner.signedIn.accessToken, deed, { params, body });
    await closed;
    expect(b.events.at(-1)).toEqual({ event: 'session:ended', payload: { reason } });
    await expect(there.connect(nodes.urls[1])).rejects.toThrow('session_ended');
    await expect(call(nodes.urls[1], there.signedIn.accessToken, 'profile', {})).rejects.toMatchObject({
      body: { code: 'session_ended' },
    });
  });

  test('P-ROLE-1 a role given or taken on one node holds on the other, for tokens and profiles', async () => {
    const [owner, whom] = await Promise.all([nodes.person('owner', 'owner'), nodes.person()]);
    const [one, two] = nodes.urls;
    const token = whom.signedIn.accessToken;
    const mayAdministrate = () =>
      call(two, token, 'accounts', { query: {} }).then(
        () => true,
        () => false,
      );
    const shown = async () => {
      const { users } = await call(two, owner.signedIn.accessToken, 'members', { params: { roomId }, query: {} });
      return users.find(({ id }) => id === whom.id)?.role;
    };
    const { room } = await owner.call('createRoom', { body: { name: 'Room', memberIds: [whom.id] } });
    const roomId = room.id;
    expect([await mayAdministrate(), await shown()]).toEqual([false, 'user']);
    for (const role of ['admin', 'user'] as const) {
      const params = { userId: whom.id };
      await call(one, owner.signedIn.accessToken, 'setRole', { params, body: { role } });
      await expect.poll(mayAdministrate).toBe(role === 'admin');
      await expect.poll(shown).toBe(role);
    }
  });

  test('a mute of the whole instance on one node holds on the other with its hint, and so does its end', async () => {
    const { there, b, roomId } = await apart();
    const moderator = (await nodes.person('moderator', 'moderator')).at(nodes.urls[0]);
    const writes = () =>
      Promise.all(
        [send(b, roomId, 'x'), there.at(nodes.urls[1]).say(roomId, 'x')].map((sent) =>
          sent.then(
            () => 'ok',
            (error: Refusal) => [error.body.code, error.body.details?.reason],
          ),
        ),
      );
    // From now on the second node knows for 5 s that nobody is muted.
    expect(await writes()).toEqual(['ok', 'ok']);
    const { id: sanctionId } = await moderator.call('sanction', {
      body: { type: 'mute', userId: there.id, roomId: null, reason: 'Spam' },
    });
    await nodes.settle();
    const refused = ['silenced', 'Spam'];
    expect(await writes()).toEqual([refused, refused]);
    await moderator.call('liftSanction', { params: { sanctionId }, body: { reason: 'Sorry' } });
    await nodes.settle();
    expect(await writes()).toEqual(['ok', 'ok']);
  });

  test('a block on one node holds on the other: no presence, no direct messages', async () => {
    const { here, there, a, b } = await apart();
    await expect.poll(() => statusOf(b, here)).toBe('online');
    await expect.poll(() => statusOf(a, there)).toBe('online');
    await call(nodes.urls[0], here.signedIn.accessToken, 'block', { body: { userId: there.id } });
    await isTold(b, here, 'offline');
    await isTold(a, there, 'offline');
    await expect(
      call(nodes.urls[1], there.signedIn.accessToken, 'directRoom', { body: { userId: here.id } }),
    ).rejects.toMatchObject({ body: { code: 'blocked' } });
  });

  test('a new name is known on the other node', async () => {
    const { here, there } = await apart();
    const [one, two] = nodes.urls;
    const nameOn = async (url: string) =>
      (await call(url, there.signedIn.accessToken, 'user', { params: { userId: here.id } })).name;
    await nameOn(two);
    await call(one, here.signedIn.accessToken, 'updateProfile', { body: { name: 'Somebody Else' } });
    await expect.poll(() => nameOn(two)).toBe('Somebody Else');
  });
});

test('presence counts devices on every node', async () => {
  const { there, a, b } = await apart();
  await expect.poll(() => statusOf(a, there)).toBe('online');
  const second = await there.connect(nodes.urls[0]);
  await second.ask('heartbeat', {});
  await second.ask('presence:set', { idle: true });
  b.socket.disconnect();
  await isTold(a, there, 'away');
  second.socket.disconnect();
  await isTold(a, there, 'offline');
});

test.concurrent('while Redis is away the nodes serve; when it is back, live events and presence are', async ({
  expect,
}) => {
  const own = await startNodes(2, SHORT_LEASE);
  try {
    const [here, there] = await Promise.all([own.person(), own.person()]);
    const [a, b] = [await here.connect(own.urls[0]), await there.connect(own.urls[1])];
    const { room } = await here.call('createRoom', { body: { name: 'Room', memberIds: [there.id] } });
    await Promise.all([a.ask('room:join', { roomId: room.id }), b.ask('room:join', { roomId: room.id })]);
    await expect.poll(() => statusOf(a, there)).toBe('online');
    const health = async (path: string) => {
      const response = await fetch(`${own.urls[0]}${path}`);
      return [response.status, ((await response.json()) as { status: string }).status];
    };
    expect(await health('/health')).toEqual([200, 'ok']);
    await own.redis.kill();
    const { n } = await send(a, room.id, 'meanwhile');
    const late = await there.connect(own.urls[1]);
    expect((await late.ask('sync', { rooms: [] })).added[0]?.lastMessage?.n).toBe(n);
    await expect.poll(() => health('/health')).toEqual([503, 'down']);
    expect(await health('/health/ready')).toEqual([200, 'ok']);
    await own.redis.start();
    await expect.poll(() => health('/health'), { timeout: 20_000 }).toEqual([200, 'ok']);
    await expect
      .poll(
        async () => {
          await send(a, room.id, 'afterwards');
          return messagesOf(b).some(({ body }) => body === 'afterwards');
        },
        { timeout: 20_000 },
      )
      .toBe(true);
    // Redis forgot everything; both nodes brought it back.
    await expect.poll(() => statusOf(a, there), { timeout: 20_000 }).toBe('online');
  } finally {
    await own.stop();
  }
});

test.concurrent('the people of a node that is killed go offline for those who look from another', async ({
  expect,
}) => {
  const own = await startNodes(2, SHORT_LEASE);
  try {
    const [here, there] = await Promise.all([own.person(), own.person()]);
    await here.call('directRoom', { body: { userId: there.id } });
    const a = await here.connect(own.urls[0]);
    await (await there.connect(own.urls[1])).ask('heartbeat', {});
    await expect.poll(() => statusOf(a, there)).toBe('online');
    await own.kill(1);
    await isTold(a, there, 'offline');
    const { users } = await a.ask('presence:watch', { userIds: [there.id] });
    expect(users[0]?.lastSeen).toEqual(expect.any(Number));
  } finally {
    await own.stop();
  }
});
