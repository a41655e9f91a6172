/** What a client shows of rooms and messages, and how its session goes. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../server/test/server.ts';
import { bodies, Clients, eventually, PASSWORD, stateOf, until } from '../test/clients.ts';
import { startProxy, type Proxy } from '../test/proxy.ts';
import { type ClientOptions, type Clock, memoryStore, type Scope, systemClock } from './index.ts';

const clients = new Clients();
let server: TestServer;
let proxy: Proxy;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  proxy = await startProxy(server.url);
});
afterEach(async () => {
  clients.disconnect();
  await proxy.close();
});

/** Someone who is connected, through the proxy unless told. */
const person = (url = proxy.url, options: Partial<ClientOptions> = {}) => clients.person(url, options);

describe('chatting', () => {
  test('a message is pending at once, then stored and shown once to everyone', async () => {
    const [ann, bob] = [await person(), await person()];
    const room = await ann.client.createRoom({ name: 'Tea', memberIds: [bob.id] });
    const item = room.send('hello');
    expect(bodies(stateOf(room).messages)).toEqual([]);
    expect(room.pending).toMatchObject([{ body: 'hello', clientId: item.clientId }]);
    expect(await item.done).toMatchObject({ n: 1, body: 'hello', senderId: ann.id });
    await until(ann.client, () => room.pending.length === 0);
    expect(bodies(stateOf(room).messages)).toEqual(['hello']);
    await until(bob.client, () => bob.heard.length === 1);
    expect(bob.client.rooms).toMatchObject([{ id: room.id, title: 'Tea', unread: 1, lastMessage: { body: 'hello' } }]);
  });

  test('the list is sorted by the newest message, and a direct room carries the name of the other', async () => {
    const [ann, bob] = [await person(), await person()];
    const direct = await ann.client.directRoom(bob.id);
    expect(await ann.client.directRoom(bob.id)).toBe(direct);
    const group = await ann.client.createRoom({ name: 'Tea', memberIds: [bob.id] });
    await direct.send('newest').done;
    await until(bob.client, () => bob.client.rooms.length === 2 && bob.client.rooms[0]?.unread === 1);
    const title = ann.client.me?.name;
    expect(bob.client.rooms).toMatchObject([{ id: direct.id, title, peer: { id: ann.id } }, { id: group.id }]);
  });

  test('edits, deletions, read marks and renames arrive everywhere', async () => {
    const [ann, bob] = [await person(), await person()];
    const room = await ann.client.createRoom({ name: 'Tea', memberIds: [bob.id] });
    // Read marks of others are only held of a room that is open.
    await room.open();
    const theirs = bob.client.room(room.id);
    const first = await room.send('one').done;
    const second = await room.send('two').done;
    await until(bob.client, () => theirs.state?.room.n === 2);
    await theirs.open();
    await room.edit(first.id, 'uno');
    await room.delete(second.id);
    await room.rename('Coffee');
    await until(bob.client, () => theirs.state?.room.name === 'Coffee');
    expect(theirs.state?.messages).toMatchObject([
      { body: 'uno' },
      { deletedAt: expect.any(Number) },
      { kind: 'system' },
    ]);
    expect(theirs.state?.unread).toBe(1);
    theirs.markRead();
    await until(ann.client, () => stateOf(room).members?.get(bob.id)?.lastReadN === 3);
    await until(bob.client, () => theirs.state?.unread === 0);
  });

  test('the first message of a room that someone else made is told of', async () => {
    const [ann, bob] = [await person(), await person()];
    const room = await ann.client.directRoom(bob.id);
    await room.send('hi there').done;
    await until(bob.client, () => bob.client.rooms.length === 1);
    await eventually(() => bob.heard.length === 1);
    expect(bodies(bob.heard)).toEqual(['hi there']);
  });

  test('the window is extended in both directions and moved', async () => {
    const ann = await person();
    const room = await ann.client.createRoom({ name: 'Long' });
    for (let i = 1; i <= 180; i += 1) room.send(`${i}`);
    await until(ann.client, () => stateOf(room).room.n === 180);
    const reader = clients.add({ url: server.url });
    await reader.signIn({ email: ann.email, password: PASSWORD });
    await reader.connect();
    const live = reader.room(room.id);
    await live.open();
    const span = () => [stateOf(live).messages[0]?.n, stateOf(live).messages.at(-1)?.n];
    expect(span()).toEqual([131, 180]);
    await Promise.all([live.loadOlder(), live.loadOlder()]);
    expect(span()).toEqual([81, 180]);
    await live.jumpTo(20);
    const [from, to] = span();
    expect(from).toBeLessThanOrEqual(20);
    expect(to).toBeGreaterThanOrEqual(20);
    expect(stateOf(live)).toMatchObject({ hasMoreAfter: true });
    while (stateOf(live).hasMoreAfter) await live.loadNewer();
    expect(span()).toEqual([from, 180]);
    expect(stateOf(live).messages.map((m) => m.body)).toEqual(
      Array.from({ length: 181 - (from ?? 0) }, (_, i) => `${i + (from ?? 0)}`),
    );
    live.close();
    expect(stateOf(live)).toMatchObject({ open: false, messages: { length: 50 } });
  });

  test('opening a room that is not mine is refused', async () => {
    const ann = await person();
    await expect(ann.client.room(randomUUID()).open()).rejects.toMatchObject({ code: 'not_found' });
  });

  test('whoever is removed loses the room, and has it again, live, after being added again', async () => {
    const [ann, bob] = [await person(), await person()];
    const room = await ann.client.createRoom({ name: 'Tea', memberIds: [bob.id] });
    const theirs = bob.client.room(room.id);
    await until(bob.client, () => theirs.state !== null);
    await room.removeMember(bob.id);
    await until(bob.client, () => theirs.state?.gone === true);
    expect(bob.client.rooms).toEqual([]);
    await room.send('not for bob').done;
    await room.addMembers([bob.id]);
    await until(bob.client, () => theirs.state?.gone === false);
    await room.send('welcome back').done;
    await until(bob.client, () => bob.heard.length > 0);
    expect(bodies(bob.heard)).toEqual(['welcome back']);
  });
});

describe('sessions', () => {
  test('a session that is ended elsewhere ends here, with a word', async () => {
    const store = memoryStore();
    const ann = await person(server.url, { store });
    const ended: string[] = [];
    ann.client.on('session-ended', (reason) => ended.push(reason));
    const refreshToken = (await store.get('session/refresh-token')) ?? '';
    await ann.client.call('signOut', { body: { refreshToken } });
    await until(ann.client, () => ann.client.status === 'signed-out');
    expect(ended).toEqual(['signed_out']);
    expect(ann.client.me).toBeNull();
    expect(await ann.client.restore()).toBeNull();
    await expect(ann.client.connect()).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('signing out clears everything, and someone else can sign in', async () => {
    const [ann, bob] = [await person(), await person()];
    await ann.client.createRoom({ name: 'Tea' });
    await ann.client.signOut();
    expect(ann.client).toMatchObject({ status: 'signed-out', me: null, rooms: [] });
    await ann.client.signIn({ email: bob.email, password: PASSWORD });
    await ann.client.connect();
    expect(ann.client).toMatchObject({ status: 'online', me: { id: bob.id }, rooms: [] });
  });

  test('a url is taken for its origin, and refused at once where it has none', async () => {
    const client = clients.add({ url: `${server.url}/api/` });
    await client.enter('guest', { name: 'Ann' });
    await client.connect();
    expect(client.status).toBe('online');
    for (const url of ['localhost:3000', 'chat.example.org', '']) expect(() => clients.add({ url })).toThrow(TypeError);
  });

  test('a wrong password is refused with its code', async () => {
    const { client, email } = await person();
    await expect(client.signIn({ email, password: 'not the one' })).rejects.toMatchObject({
      name: 'ConfabError',
      code: 'invalid_credentials',
      retryable: false,
    });
  });
});

describe('by an API token', () => {
  const READS: readonly Scope[] = ['profile:read', 'people:read', 'messages:read'];

  /** Somebody, and a client that speaks for them by a token of theirs. */
  async function bot(scopes: readonly Scope[], url = server.url) {
    const owner = await person(server.url);
    const made = await owner.client.call('createApiToken', {
      body: { name: 'Bot', scopes: [...scopes], expiresInDays: 1 },
    });
    const ended: string[] = [];
    const store = memoryStore();
    const waits: number[] = [];
    const clock: Clock = {
      now: () => systemClock.now(),
      setTimeout(fn, ms) {
        waits.push(ms);
        return systemClock.setTimeout(fn, ms);
      },
    };
    const client = clients.add({ url, apiToken: made.token, random: () => 0.02, store, clock });
    client.on('session-ended', (reason) => ended.push(reason));
    const revoke = () => owner.client.call('revokeApiToken', { params: { tokenId: made.id } });
    return { client, owner, revoke, ended, store, waits };
  }

  test('a program speaks for its owner, and is told of what happens in their rooms', async () => {
    const { client, owner, store, waits } = await bot([...READS, 'messages:write']);
    const heard: string[] = [];
    client.on('message', ({ body }) => heard.push(body));
    expect(() => client.room(randomUUID())).toThrow('Connect first.');
    await Promise.all([client.connect(), client.connect()]);
    expect(client).toMatchObject({ status: 'online', me: { id: owner.id } });
    const room = await owner.client.createRoom({ name: 'Tea' });
    await room.send('ping').done;
    await until(client, () => heard.includes('ping'));
    expect(await client.room(room.id).send('pong').done).toMatchObject({ senderId: owner.id });
    expect(await store.list('')).toEqual([]);
    // There is no other token to wait for.
    expect(waits.filter((ms) => !Number.isFinite(ms))).toEqual([]);
  });

  test('REST calls take no connection, and only the scope that they are of', async () => {
    const { client, owner } = await bot(['messages:write']);
    const room = await owner.client.createRoom({ name: 'Tea' });
    const params = { roomId: room.id };
    const sent = await client.call('sendMessage', {
      params,
      body: { clientId: randomUUID(), body: 'the build is red' },
    });
    expect(sent).toMatchObject({ senderId: owner.id });
    await expect(client.call('messages', { params, query: {} })).rejects.toMatchObject({ code: 'scope_missing' });
    expect(client).toMatchObject({ me: null, status: 'signed-out' });
  });

  test.each(READS)('without %s there is no connection, and whoever waits for it is told', async (scope) => {
    const { client } = await bot(READS.filter((one) => one !== scope));
    const errors: string[] = [];
    client.on('error', ({ code }) => errors.push(code));
    await expect(client.connect()).rejects.toMatchObject({ code: 'scope_missing' });
    expect(client.status).not.toBe('connecting');
    expect(errors).toEqual([]);
  });

  test('what no token may do is refused as the server would', async () => {
    const { client } = await bot(READS);
    await client.connect();
    expect([client.may('rooms'), client.may('createApiToken'), client.may('apiTokens')]).toEqual([true, false, false]);
    const refused = { code: 'scope_missing' };
    await expect(client.call('apiTokens')).rejects.toMatchObject(refused);
    await expect(client.match.find()).rejects.toMatchObject(refused);
    await expect(client.createRoom({ name: 'Tea' })).rejects.toMatchObject(refused);
    await expect(client.enter('guest', {})).rejects.toMatchObject(refused);
    await expect(client.restore()).rejects.toMatchObject(refused);
    await expect(client.signOut()).rejects.toMatchObject(refused);
    expect(client.status).toBe('online');
  });

  test('revoked, it ends like a session, and is not taken again', async () => {
    const { client, revoke, ended } = await bot(READS);
    await client.connect();
    await revoke();
    await until(client, () => client.status === 'signed-out');
    expect(ended).toEqual(['revoked']);
    expect(client.me).toBeNull();
    await expect(client.connect()).rejects.toMatchObject({ code: 'session_ended' });
    await expect(client.call('profile')).rejects.toMatchObject({ code: 'session_ended' });
    expect(ended).toEqual(['revoked']);
  });

  test('revoked while the connection was down, it ends when that comes back, or by the next call', async () => {
    const [away, calling] = [await bot(READS, proxy.url), await bot(READS)];
    await away.client.connect();
    proxy.setDown(true);
    await until(away.client, () => away.client.status !== 'online');
    await away.revoke();
    proxy.setDown(false);
    await until(away.client, () => away.client.status === 'signed-out');
    expect(away.ended).toEqual(['expired']);

    await calling.client.connect();
    calling.client.disconnect();
    await calling.revoke();
    await expect(calling.client.call('profile')).rejects.toMatchObject({ code: 'session_ended' });
    expect(calling.ended).toEqual(['expired']);
    expect(calling.client.status).toBe('signed-out');
  });

  test('one that was never made is refused, and nothing has ended by that', async () => {
    const client = clients.add({ url: server.url, apiToken: 'confab_mistyped' });
    client.on('session-ended', () => expect.unreachable());
    await expect(client.connect()).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

test('profiles that are not known yet are fetched once, and told of', async () => {
  const [ann, bob] = [await person(), await person()];
  expect(ann.client.userById(bob.id)).toBeUndefined();
  await until(ann.client, () => ann.client.userById(bob.id)?.id === bob.id);
  const username = bob.client.me?.username ?? '';
  expect(await ann.client.findUsers(username)).toMatchObject([{ id: bob.id }]);
});
