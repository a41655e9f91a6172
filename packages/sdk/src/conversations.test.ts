/** What people do with messages and rooms, and what each has of them alone. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FakeClock } from '../../server/src/platform/clock.ts';
import { startServer, type TestServer } from '../../server/test/server.ts';
import { Clients, eventually, pair, shows, stateOf, until } from '../test/clients.ts';

const clients = new Clients();
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());
afterEach(() => clients.disconnect());

describe('messages', () => {
  test('reactions, pins and their end are shown to everyone, and the caller has them at once', async () => {
    const { bob, room, theirs } = await pair(clients, server.url);
    const { id } = await room.send('tea?').done;
    expect((await room.react(id, '🍵', true)).reactions).toMatchObject([{ emoji: '🍵', count: 1 }]);
    await shows(bob.client, theirs, ({ messages }) => messages[0]?.reactions?.length === 1);
    await theirs.react(id, '🍵', true);
    expect(theirs.messageById(id)?.reactions).toMatchObject([{ count: 2 }]);
    await room.pin(id);
    await shows(bob.client, theirs, ({ messages }) => messages[0]?.pinned !== undefined);
    expect((await theirs.pins()).map((message) => message.id)).toEqual([id]);
    await room.unpin(id);
    await room.react(id, '🍵', false);
    await shows(bob.client, theirs, ({ messages }) => messages[0]?.pinned === undefined);
    await shows(bob.client, theirs, ({ messages }) => messages[0]?.reactions?.[0]?.count === 1);
    expect(await theirs.pins()).toEqual([]);
  });

  test('a poll is sent like a message, voted in, counted for everyone, and closed', async () => {
    const { ann, bob, room, theirs } = await pair(clients, server.url);
    const item = room.sendPoll({ question: 'Tea?', options: ['yes', 'no'] });
    expect(room.pending).toMatchObject([{ clientId: item.clientId, body: 'Tea?', poll: { options: ['yes', 'no'] } }]);
    const { id, kind } = await item.done;
    expect(kind).toBe('poll');
    await until(ann.client, () => room.pending.length === 0);
    await shows(bob.client, theirs, ({ room: { n } }) => n === 1);
    await theirs.vote(id, [0]);
    await shows(ann.client, room, ({ messages }) => messages[0]?.poll?.options[0]?.votes === 1);
    await room.closePoll(id);
    await expect(theirs.vote(id, [1])).rejects.toMatchObject({ code: 'poll_closed' });
  });

  test('what I vote in an anonymous poll only I see, on all my devices', async () => {
    const { bob, room, theirs } = await pair(clients, server.url);
    const { id } = await room.sendPoll({ question: 'Tea?', options: ['yes', 'no'], anonymous: true }).done;
    const second = await clients.device(server.url, bob.email);
    await shows(bob.client, theirs, ({ room: { n } }) => n === 1);
    expect((await theirs.vote(id, [1])).poll?.options).toMatchObject([{ votes: 0 }, { votes: 1, userIds: [] }]);
    for (const client of [bob.client, second]) {
      await shows(client, client.room(room.id), ({ me }) => me.votes[id]?.[0] === 1);
    }
    expect(stateOf(room).me.votes).toEqual({});
  });

  test('a message is passed on into another room by its outbox', async () => {
    const { ann, bob, room } = await pair(clients, server.url);
    const direct = await ann.client.directRoom(bob.id);
    const said = await room.send('pass it on').done;
    const item = room.forward(said, direct.id);
    expect(direct.pending).toMatchObject([{ body: 'pass it on' }]);
    expect(await item.done).toMatchObject({
      roomId: direct.id,
      body: 'pass it on',
      forwarded: { senderId: ann.id, createdAt: said.createdAt },
    });
  });

  test('a message outside the window is loaded once, and kept up to date while it is shown', async () => {
    const { bob, room, theirs } = await pair(clients, server.url);
    const { id } = await room.send('the beginning').done;
    for (let i = 0; i < 60; i += 1) room.send(`${i}`);
    await room.send('it began well', { replyTo: id }).done;
    await shows(bob.client, theirs, ({ room: { n } }) => n === 62);
    const reader = await clients.device(server.url, bob.email);
    const live = reader.room(room.id);
    await live.open();
    expect(live.messageById(id)).toBeUndefined();
    const [quoted] = await Promise.all([live.loadMessage(id), live.loadMessage(id)]);
    expect(quoted.body).toBe('the beginning');
    await room.edit(id, 'the start');
    await eventually(() => live.messageById(id)?.body === 'the start');
    await room.delete(id);
    await eventually(() => live.messageById(id)?.deletedAt !== null);
    expect(live.messageById(id)?.body).toBe('');
  });

  test('earlier bodies are there for the author', async () => {
    const { room } = await pair(clients, server.url);
    const { id } = await room.send('one').done;
    await room.edit(id, 'two');
    expect(await room.edits(id)).toMatchObject([{ body: 'one' }]);
  });

  test('a message sent later waits in a list, from which it can be taken', async () => {
    const { ann, room } = await pair(clients, server.url);
    const at = Date.now() + 3_600_000;
    const { id } = await room.schedule('later', at);
    expect(await ann.client.scheduled()).toMatchObject([{ id, roomId: room.id, body: 'later', sendAt: at }]);
    await ann.client.unschedule(id);
    expect(await ann.client.scheduled()).toEqual([]);
  });
});

describe('what is mine alone', () => {
  test('stars and settings are there at once, and on my other devices', async () => {
    const { ann, room } = await pair(clients, server.url);
    const second = await clients.device(server.url, ann.email);
    const { id } = await room.send('a gem').done;
    await room.star(id);
    expect(stateOf(room).me.starred).toEqual([id]);
    await room.updateMe({ favourite: true, notify: 'mentions' });
    expect(stateOf(room).me).toMatchObject({ favourite: true, notify: 'mentions' });
    await shows(second, second.room(room.id), ({ me }) => me.favourite && me.starred.length === 1);
    expect((await second.stars()).messages.map((message) => message.id)).toEqual([id]);
    await room.unstar(id);
    await shows(second, second.room(room.id), ({ me }) => me.starred.length === 0);
  });

  test('a room marked as unread counts until it is read', async () => {
    const { bob, room, theirs } = await pair(clients, server.url);
    await room.send('read me').done;
    await shows(bob.client, theirs, ({ unread }) => unread === 1);
    theirs.markRead();
    await shows(bob.client, theirs, ({ unread }) => unread === 0);
    expect(bob.client.totals).toMatchObject({ rooms: 0 });
    await theirs.updateMe({ markedUnread: true });
    expect(bob.client.totals).toMatchObject({ rooms: 1 });
    theirs.markRead();
    await shows(bob.client, theirs, ({ me }) => !me.markedUnread);
    expect(bob.client.totals).toMatchObject({ rooms: 0 });
  });

  test('mentions are counted, come into the inbox, and pass a mute by `notify` but not by `mutedUntil`', async () => {
    const { bob, room, theirs } = await pair(clients, server.url);
    await theirs.updateMe({ notify: 'mentions' });
    await room.send('nothing for you').done;
    await shows(bob.client, theirs, ({ unread }) => unread === 1);
    expect(bob.client.totals).toEqual({ rooms: 0, threads: 0, mentions: 0 });
    await room.send(`@${bob.client.me?.username ?? ''} come!`).done;
    await shows(bob.client, theirs, ({ mentions }) => mentions === 1);
    expect(bob.client.totals).toEqual({ rooms: 1, threads: 0, mentions: 1 });
    expect((await bob.client.mentionsInbox()).messages).toMatchObject([{ roomId: room.id, n: 2 }]);
    await theirs.updateMe({ mutedUntil: Date.now() + 60_000 });
    expect(bob.client.totals).toEqual({ rooms: 0, threads: 0, mentions: 0 });
    expect(bob.client.rooms).toMatchObject([{ isMuted: true, mentions: 1 }]);
  });

  test('a mute ends by itself when its time has come', async () => {
    const clock = new FakeClock();
    const ann = await clients.person(server.url, { clock });
    const room = await ann.client.createRoom({ name: 'Tea' });
    await room.updateMe({ mutedUntil: clock.now() + 5000 });
    expect(ann.client.rooms).toMatchObject([{ isMuted: true }]);
    await clock.advance(5000);
    expect(ann.client.rooms).toMatchObject([{ isMuted: false }]);
  });

  test('who has seen a message follows the read marks that are shared', async () => {
    const { ann, bob, room, theirs } = await pair(clients, server.url);
    const said = await room.send('look').done;
    expect(room.seenBy(said)).toEqual([]);
    await shows(bob.client, theirs, ({ unread }) => unread === 1);
    theirs.markRead();
    await until(ann.client, () => room.seenBy(said).length > 0);
    expect(room.seenBy(said)).toEqual([bob.id]);
    expect(theirs.seenBy(said)).toEqual([]);
    await bob.client.updatePreferences({ shareReads: false });
    await until(ann.client, () => room.seenBy(said).length === 0);
    expect(await bob.client.preferences()).toMatchObject({ shareReads: false });
  });
});

describe('finding the way', () => {
  async function long() {
    const made = await pair(clients, server.url);
    for (let i = 1; i <= 120; i += 1) made.room.send(`${i}`);
    await made.room.send('last').done;
    await shows(made.bob.client, made.theirs, ({ room: { n } }) => n === 121);
    const reader = await clients.device(server.url, made.bob.email);
    const live = reader.room(made.room.id);
    await live.open();
    return { ...made, reader, live };
  }

  test('the first unread message is jumped to', async () => {
    const { bob, theirs, live } = await long();
    theirs.markRead(10);
    await shows(bob.client, theirs, ({ me }) => me.lastReadN === 10);
    await eventually(() => live.state?.me.lastReadN === 10);
    expect(await live.jumpToFirstUnread()).toBe(11);
    expect(stateOf(live).messages.map(({ n }) => n)).toContain(11);
    expect(stateOf(live).hasMoreAfter).toBe(true);
    theirs.markRead();
    await eventually(() => live.state?.unread === 0);
    expect(await live.jumpToFirstUnread()).toBeNull();
  });

  test('a day is jumped to: the first message sent then or later', async () => {
    const { live, theirs } = await long();
    const { messages } = await theirs.loadOlder().then(() => stateOf(theirs));
    const [first] = messages;
    if (!first) throw new Error('messages');
    const n = await live.jumpToDate(first.createdAt - 3_600_000);
    expect(n).toBe(1);
    expect(stateOf(live).messages[0]?.n).toBe(1);
    expect(await live.jumpToDate(Date.now() + 3_600_000)).toBe(121);
  });

  test('messages are found by words', async () => {
    const { bob, room } = await pair(clients, server.url);
    await room.send('the kettle sings').done;
    await room.send('the cup is full').done;
    const { hits } = await bob.client.search({ q: 'kett', roomId: room.id });
    expect(hits.map(({ message }) => message.body)).toEqual(['the kettle sings']);
  });
});

describe('rooms', () => {
  test('a thread is opened, followed, counted, and kept out of the chat list', async () => {
    const { ann, room, theirs } = await pair(clients, server.url);
    const { id } = await room.send('what about lunch?').done;
    const thread = await theirs.openThread(id);
    expect(await theirs.openThread(id)).toBe(thread);
    await thread.send('soup').done;
    await shows(ann.client, room, ({ messages }) => messages[0]?.thread?.count === 1);
    const followed = await room.openThread(id);
    await thread.send('or bread').done;
    await shows(ann.client, followed, ({ unread }) => unread > 0);
    expect(ann.client.rooms.map((line) => line.id)).toEqual([room.id]);
    expect(ann.client.threads).toMatchObject([{ id: thread.id, title: 'Tea', room: { parent: { messageId: id } } }]);
    expect(ann.client.totals).toMatchObject({ rooms: 0, threads: 1 });
    await followed.leave();
    expect(ann.client.threads).toEqual([]);
  });

  test('a public room is found and joined; a group is joined by an invitation', async () => {
    const [ann, bob] = [await clients.person(server.url), await clients.person(server.url)];
    const name = `Square ${ann.id.slice(-8)}`;
    const open = await ann.client.createRoom({ name, kind: 'public' });
    const { rooms } = await bob.client.publicRooms({ q: name });
    expect(rooms).toMatchObject([{ room: { id: open.id }, joined: false }]);
    await bob.client.joinRoom(open.id);
    const closed = await ann.client.createRoom({ name: 'Closed' });
    const { id, code } = await closed.createInvite({ maxUses: 5 });
    expect(await bob.client.invite(code)).toMatchObject({ room: { name: 'Closed' }, joined: false });
    const joined = await bob.client.acceptInvite(code);
    await joined.send('hello').done;
    expect(bob.client.rooms.map((line) => line.id).toSorted()).toEqual([open.id, closed.id].toSorted());
    expect(await closed.invites()).toMatchObject([{ id, uses: 1 }]);
    await closed.revokeInvite(id);
    await expect(bob.client.invite(code)).rejects.toMatchObject({ code: 'invite_invalid' });
  });

  test('an archived room is flagged, and nothing more is sent to it', async () => {
    const { ann, bob, room, theirs } = await pair(clients, server.url);
    await room.archive();
    await until(bob.client, () => bob.client.rooms[0]?.isArchived === true);
    await expect(theirs.send('too late').done).rejects.toMatchObject({ code: 'room_archived' });
    await room.archive(false);
    await until(ann.client, () => ann.client.rooms[0]?.isArchived === false);
  });

  test('members of a room come in pages', async () => {
    const { ann, bob, room } = await pair(clients, server.url);
    const page = await room.loadMembers();
    expect(page.members.map((member) => member.userId).toSorted()).toEqual([ann.id, bob.id].toSorted());
    expect(page.hasMore).toBe(false);
    const [first] = page.members;
    expect((await room.loadMembers(first?.userId)).members).toHaveLength(1);
  });
});
