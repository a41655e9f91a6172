/** How connections are kept, and what becomes of messages when links are cut and when the program ends. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message } from '@confab/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../server/src/platform/clock.ts';
import { startServer, type TestServer } from '../../server/test/server.ts';
import { bodies, Clients, eventually, PASSWORD, stateOf, until } from '../test/clients.ts';
import { startProxy, type Proxy } from '../test/proxy.ts';
import type { ClientOptions, LocalStore } from './index.ts';
import { fileStore } from './node/file-store.ts';

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
    const elsewhere = clients.add({ url: server.url });
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

    const again = clients.add({ url: server.url, store: fileStore(path), random: () => 0.02 });
    expect(await again.restore()).toMatchObject({ id: ann.id });
    expect(bodies(again.room(room.id).pending)).toEqual(['second', 'third']);
    await again.connect();
    await until(bob.client, () => bob.heard.length === 3);
    expect(bodies(bob.heard)).toEqual(['first', 'second', 'third']);
    await until(again, () => again.room(room.id).pending.length === 0);
    await eventually(async () => (await fileStore(path).list('outbox/')).length === 0);
    await rm(folder, { recursive: true });
  });
});

describe('connections', () => {
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
      clients.disconnect();
      await timed.stop();
    }
  });

  test('one device too many waits for 10 seconds and more before it tries again, and comes in once there is room', async () => {
    const crowded = await startServer({ MAX_CONNECTIONS_PER_USER: '1' });
    try {
      const { client: first, email } = await person(crowded.url);
      const clock = new FakeClock(Date.now());
      const { watched, delays } = watching(clock);
      const second = clients.add({ url: crowded.url, clock: watched, random: () => 0.5 });
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
        // While it is connecting its answers must not be late.
        if (second.status === 'offline') await clock.advance(15_000);
        return second.status === 'online';
      });
    } finally {
      clients.disconnect();
      await crowded.stop();
    }
  });

  test('while the server is away the client waits, and is there when it comes', async () => {
    proxy.setDown(true);
    const client = clients.add({ url: proxy.url, random: () => 0.02 });
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
