/** What people see of each other: who is blocked, who types, who is there. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FakeClock } from '../../server/src/platform/clock.ts';
import { startServer, type TestServer } from '../../server/test/server.ts';
import { Clients, eventually, pair, shows, until } from '../test/clients.ts';

const clients = new Clients();
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());
afterEach(() => clients.disconnect());

describe('people', () => {
  test('whom I block vanishes from what I hold, on all my devices, and comes back', async () => {
    const { ann, bob, room, theirs } = await pair(clients, server.url);
    const second = await clients.device(server.url, bob.email);
    const closed = second.room(room.id);
    await room.send('said before').done;
    await shows(bob.client, theirs, ({ unread }) => unread === 1);
    await bob.client.block(ann.id);
    expect([...bob.client.blocked]).toEqual([ann.id]);
    await shows(bob.client, theirs, ({ messages, unread }) => messages[0]?.hidden === true && unread === 0);
    await shows(second, closed, ({ lastMessage, unread }) => lastMessage?.hidden === true && unread === 0);
    expect([...second.blocked]).toEqual([ann.id]);
    await room.send('said meanwhile').done;
    await shows(bob.client, theirs, ({ messages }) => messages[1]?.hidden === true);
    expect(bob.heard.map(({ body }) => body)).toEqual(['said before']);
    await bob.client.unblock(ann.id);
    await shows(bob.client, theirs, ({ messages }) => messages.every(({ body }) => body.startsWith('said')));
    await shows(second, closed, ({ lastMessage, unread }) => lastMessage?.body === 'said meanwhile' && unread === 2);
  });

  test('whom I block while a device of mine is away, it learns of when it is back', async () => {
    const { ann, bob, room, theirs } = await pair(clients, server.url);
    const second = await clients.device(server.url, bob.email);
    await room.send('said before').done;
    await shows(bob.client, theirs, ({ unread }) => unread === 1);
    bob.client.disconnect();
    await second.block(ann.id);
    await bob.client.connect();
    await shows(bob.client, theirs, ({ messages, unread }) => messages[0]?.hidden === true && unread === 0);
  });

  test('someone who writes is shown for six seconds, or until what they wrote is there', async () => {
    const clock = new FakeClock();
    const [ann, bob] = [await clients.person(server.url), await clients.person(server.url, { clock })];
    const room = await ann.client.createRoom({ name: 'Tea', memberIds: [bob.id] });
    const theirs = bob.client.room(room.id);
    await until(bob.client, () => theirs.state !== null);
    room.typing();
    await eventually(() => theirs.typingUsers.length > 0);
    expect(theirs.typingUsers).toEqual([ann.id]);
    await clock.advance(5999);
    expect(theirs.typingUsers).toEqual([ann.id]);
    await clock.advance(1);
    expect(theirs.typingUsers).toEqual([]);
    const direct = await bob.client.directRoom(ann.id);
    const hers = ann.client.room(direct.id);
    await until(ann.client, () => hers.state !== null);
    hers.typing();
    await eventually(() => direct.typingUsers.length > 0);
    await hers.send('there').done;
    await until(bob.client, () => direct.state?.room.n === 1);
    expect(direct.typingUsers).toEqual([]);
  });

  test('people who are watched are shown as they appear, by all who watch, over a reconnect', async () => {
    const { ann, bob } = await pair(clients, server.url);
    const release = ann.client.presence.watch([bob.id]);
    const releaseAgain = ann.client.presence.watch([bob.id, ann.id]);
    await until(ann.client, () => ann.client.presence.get(bob.id)?.status === 'online');
    release();
    await bob.client.presence.setStatus({ status: 'dnd', text: 'reading' });
    await until(ann.client, () => ann.client.presence.get(bob.id)?.status === 'dnd');
    expect(ann.client.presence.get(bob.id)).toMatchObject({ text: 'reading' });
    ann.client.disconnect();
    await bob.client.presence.setStatus({ status: 'auto', text: null });
    await ann.client.connect();
    await until(ann.client, () => ann.client.presence.get(bob.id)?.status === 'online');
    bob.client.presence.setIdle(true);
    await until(ann.client, () => ann.client.presence.get(bob.id)?.status === 'away');
    releaseAgain();
    expect(ann.client.presence.get(bob.id)).toBeUndefined();
  });
});
