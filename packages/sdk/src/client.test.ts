import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message } from '@confab/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../server/src/platform/clock.ts';
import { startServer, type TestServer } from '../../server/test/server.ts';
import { eventually, newClient, PASSWORD, until } from '../test/clients.ts';
import { startProxy, type Proxy } from '../test/proxy.ts';
import { ConfabClient, type ClientOptions, type LiveRoom, type LocalStore, memoryStore } from './index.ts';
import { fileStore } from './node/file-store.ts';

let server: TestServer;
let proxy: Proxy;
const clients: ConfabClient[] = [];

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  proxy = await startProxy(server.url);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await proxy.close();
});

/** Someone who is connected, through the proxy unless told. */
async function person(url = proxy.url, options: Partial<ClientOptions> = {}) {
  const made = await newClient(url, options);
  clients.push(made.client);
  return made;
}

const bodies = (messages: readonly Message[] | undefined) => messages?.map((message) => message.body);
const stateOf = (room: LiveRoom) => {
  if (!room.state) throw new Error('the room is not known');
  return room.state;
};

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
    const reader = new ConfabClient({ url: server.url });
    clients.push(reader);
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

describe('links that are cut', () => {
  test('every message arrives once, in the same order for everyone, through cuts and lost answers', async () => {
    const [ann, bob, eve] = [await person(), await person(), await person(server.url)];
    const room = await ann.client.createRoom({ name: 'Storm', memberIds: [bob.id, eve.id] });
    const theirs = bob.client.room(room.id);
    await until(bob.client, () => theirs.state !== null);
    await theirs.open();
    const sent: Promise<Message>[] = [];
    for (let round = 0; round < 12; round += 1) {
      for (let i = 0; i < 4; i += 1) {
        sent.push(room.send(`ann ${round}.${i}`).done, theirs.send(`bob ${round}.${i}`).done);
      }
      // Every second time what was sent arrives, and its acknowledgement does not.
      if (round % 2 === 0) {
        proxy.mute();
        const before = eve.client.room(room.id).state?.room.n ?? 0;
        await until(eve.client, () => (eve.client.room(room.id).state?.room.n ?? 0) > before);
      }
      proxy.cut();
      await until(ann.client, () => ann.client.status === 'online');
      await until(bob.client, () => bob.client.status === 'online');
    }
    const acknowledged = await Promise.all(sent);
    const numbers = acknowledged.map((message) => message.n).toSorted((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: sent.length }, (_, i) => i + 1));
    for (const { client, heard } of [ann, bob, eve]) {
      const live = client.room(room.id);
      await until(client, () => live.state?.room.n === sent.length && live.pending.length === 0);
      await eventually(() => heard.length >= sent.length);
      expect(heard.map((message) => message.n)).toEqual(Array.from({ length: sent.length }, (_, i) => i + 1));
    }
    // In the order in which each of them wrote.
    for (const who of ['ann', 'bob']) {
      const own = bodies(eve.heard)?.filter((body) => body.startsWith(who)) ?? [];
      expect(own).toEqual(own.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })));
    }
    const everything = bodies(eve.heard);
    expect(bodies(ann.heard)).toEqual(everything);
    expect(bodies(bob.heard)).toEqual(everything);
    expect(bodies(stateOf(theirs).messages)).toEqual(everything);
  });

  test('whatever changed while a client was away is repaired: news, edits, deletions, marks, members, names', async () => {
    const [ann, bob] = [await person(), await person(server.url)];
    const room = await ann.client.createRoom({ name: 'Tea', memberIds: [bob.id] });
    const theirs = bob.client.room(room.id);
    const elsewhere = new ConfabClient({ url: server.url });
    clients.push(elsewhere);
    await elsewhere.signIn({ email: ann.email, password: PASSWORD });
    await elsewhere.connect();
    const one = await room.send('one').done;
    const two = await room.send('two').done;
    await until(bob.client, () => theirs.state?.room.n === 2);
    await room.open();
    proxy.setDown(true);
    await until(ann.client, () => ann.client.status !== 'online');

    await elsewhere.room(room.id).edit(one.id, 'uno');
    await elsewhere.room(room.id).delete(two.id);
    await elsewhere.room(room.id).rename('Coffee');
    await theirs.send('three').done;
    theirs.markRead();
    const direct = await bob.client.directRoom(ann.id);
    await direct.send('a new room').done;
    await until(bob.client, () => theirs.state?.me.lastReadN === 4);

    proxy.setDown(false);
    await ann.client.connect();
    expect(stateOf(room).messages).toMatchObject([
      { body: 'uno' },
      { body: '' },
      { kind: 'system' },
      { body: 'three' },
    ]);
    expect(stateOf(room).members?.get(bob.id)?.lastReadN).toBe(4);
    expect(ann.client.rooms).toMatchObject([{ id: direct.id }, { id: room.id, title: 'Coffee' }]);
    await eventually(() => ann.heard.length === 4);
  });

  test('messages written offline are sent when the connection is back, and marks too', async () => {
    const [ann, bob] = [await person(), await person(server.url)];
    const room = await ann.client.createRoom({ name: 'Tea', memberIds: [bob.id] });
    await bob.client.room(room.id).send('read me').done;
    await until(ann.client, () => stateOf(room).unread === 1);
    proxy.setDown(true);
    await until(ann.client, () => ann.client.status === 'offline');
    room.markRead();
    const items = ['one', 'two', 'three'].map((body) => room.send(body));
    expect(room.pending.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);
    expect(ann.client.rooms[0]?.pendingCount).toBe(3);
    proxy.setDown(false);
    await Promise.all(items.map((item) => item.done));
    await until(bob.client, () => bob.heard.length === 4);
    expect(bodies(bob.heard)).toEqual(['read me', 'one', 'two', 'three']);
    await until(ann.client, () => stateOf(room).unread === 0);
  });

  test('a client that missed more than the server lists takes the room afresh, and still tells of every message', async () => {
    const [ann, bob] = [await person(), await person(server.url)];
    const room = await ann.client.createRoom({ name: 'Busy', memberIds: [bob.id] });
    await room.open();
    proxy.setDown(true);
    await until(ann.client, () => ann.client.status !== 'online');
    const theirs = bob.client.room(room.id);
    await until(bob.client, () => theirs.state !== null);
    const params = { roomId: room.id };
    for (let i = 0; i < 30; i += 1) {
      const burst = Array.from({ length: 70 }, (_, j) => ({ clientId: randomUUID(), body: `${i}.${j}` }));
      await Promise.all(burst.map((body) => bob.client.call('sendMessage', { params, body })));
    }
    await until(bob.client, () => theirs.state?.room.n === 2100);
    proxy.setDown(false);
    await until(ann.client, () => stateOf(room).room.n === 2100);
    expect(stateOf(room)).toMatchObject({ hasMoreBefore: true, hasMoreAfter: false, open: true });
    await eventually(() => ann.heard.length === 2100);
    expect(ann.heard.map((message) => message.n)).toEqual(Array.from({ length: 2100 }, (_, i) => i + 1));
  });
});

describe('restarts', () => {
  test('what was written before a crash is sent once by the next run', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'confab-sdk-'));
    const path = join(folder, 'client.json');
    const bob = await person(server.url);
    // A store that is cut off stands for the process that is gone.
    let alive = true;
    const file = fileStore(path);
    const never = new Promise<never>(() => undefined);
    const store: LocalStore = {
      ...file,
      set: (key, value) => (alive ? file.set(key, value) : never),
      delete: (key) => (alive ? file.delete(key) : never),
    };
    const ann = await person(proxy.url, { store });
    const room = await ann.client.createRoom({ name: 'Tea', memberIds: [bob.id] });
    await room.send('first').done;
    await until(bob.client, () => bob.heard.length === 1);
    // This one is stored, but nothing of that is known here.
    proxy.mute();
    room.send('second');
    await until(bob.client, () => bob.heard.length === 2);
    proxy.setDown(true);
    room.send('third');
    await eventually(async () => (await fileStore(path).list('outbox/')).length === 2);
    alive = false;
    ann.client.disconnect();
    proxy.setDown(false);

    const again = new ConfabClient({ url: server.url, store: fileStore(path), random: () => 0.02 });
    clients.push(again);
    expect(await again.restore()).toMatchObject({ id: ann.id });
    expect(bodies(again.room(room.id).pending as unknown as Message[])).toEqual(['second', 'third']);
    await again.connect();
    await until(bob.client, () => bob.heard.length === 3);
    expect(bodies(bob.heard)).toEqual(['first', 'second', 'third']);
    await until(again, () => again.room(room.id).pending.length === 0);
    await eventually(async () => (await fileStore(path).list('outbox/')).length === 0);
    await rm(folder, { recursive: true });
  });
});

/** The same clock, which notes how long it is asked to wait each time. */
function watching(clock: FakeClock) {
  const delays: number[] = [];
  const watched = {
    now: () => clock.now(),
    setTimeout(fn: () => void, ms: number) {
      delays.push(ms);
      return clock.setTimeout(fn, ms);
    },
  };
  return { watched, delays };
}

describe('sessions', () => {
  test('a connection outlives its access token: it is given a new one in time', async () => {
    const clock = new FakeClock();
    const timed = await startServer({}, { clock });
    try {
      const { watched, delays } = watching(clock);
      const ann = await person(timed.url, { clock: watched });
      const changes: string[] = [];
      ann.client.on('status', (status) => changes.push(status));
      const room = await ann.client.createRoom({ name: 'Long evening' });
      for (let quarter = 0; quarter < 3; quarter += 1) {
        delays.length = 0;
        await clock.advance(14 * 60_000);
        // The heartbeat was acknowledged once the next one is planned.
        await eventually(() => delays.some((ms) => ms > 10 * 60_000));
      }
      await room.send('still here').done;
      expect(changes).toEqual([]);
    } finally {
      for (const client of clients.splice(0)) client.disconnect();
      await timed.stop();
    }
  });

  test('one device too many waits for 10 seconds and more before it tries again, and comes in once there is room', async () => {
    const crowded = await startServer({ MAX_CONNECTIONS_PER_USER: '1' });
    try {
      const { client: first, email } = await person(crowded.url);
      const clock = new FakeClock(Date.now());
      const { watched, delays } = watching(clock);
      const second = new ConfabClient({ url: crowded.url, clock: watched, random: () => 0.5 });
      clients.push(second);
      await second.signIn({ email, password: PASSWORD });
      void second.connect();
      // 10 seconds, as it is told, and half of a backoff that doubles.
      for (const ms of [10_500, 11_000, 12_000]) {
        await eventually(() => delays.includes(ms));
        expect(second.status).not.toBe('online');
        if (ms === 12_000) first.disconnect();
        await clock.advance(ms - 1);
        expect(second.status).toBe('offline');
        await clock.advance(1);
      }
      await eventually(async () => {
        await clock.advance(15_000);
        return second.status === 'online';
      });
    } finally {
      for (const client of clients.splice(0)) client.disconnect();
      await crowded.stop();
    }
  });

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

  test('a wrong password is refused with its code', async () => {
    const { client, email } = await person();
    await expect(client.signIn({ email, password: 'not the one' })).rejects.toMatchObject({
      name: 'ConfabError',
      code: 'invalid_credentials',
      retryable: false,
    });
  });

  test('while the server is away the client waits, and is there when it comes', async () => {
    proxy.setDown(true);
    const client = new ConfabClient({ url: proxy.url, random: () => 0.02 });
    clients.push(client);
    await expect(client.signIn({ email: 'a@example.com', password: PASSWORD })).rejects.toMatchObject({
      code: 'network',
    });
    proxy.setDown(false);
    const ann = await person();
    proxy.setDown(true);
    await until(ann.client, () => ann.client.status === 'offline');
    const back = ann.client.connect();
    proxy.setDown(false);
    await back;
    expect(ann.client.status).toBe('online');
  });
});

test('profiles that are not known yet are fetched once, and told of', async () => {
  const [ann, bob] = [await person(), await person()];
  expect(ann.client.userById(bob.id)).toBeUndefined();
  await until(ann.client, () => ann.client.userById(bob.id)?.id === bob.id);
  const username = bob.client.me?.username ?? '';
  expect(await ann.client.findUsers(username)).toMatchObject([{ id: bob.id }]);
});
