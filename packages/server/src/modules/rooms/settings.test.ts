/** What is one's own in a room, what one lets others see, and rooms at rest. */
import { randomUUID } from 'node:crypto';
import type { Member, MyMembership } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import type { Person } from '../../../test/person.ts';
import { heard, refusedWith, room } from '../../../test/rooms.ts';
import { joinWorld, nodeCount, type World } from '../../../test/nodes.ts';

let server: World;
beforeAll(async () => {
  server = await joinWorld();
});
afterAll(() => server.stop());

const summary = async (by: Person, roomId: string) =>
  (await by.call('rooms', { query: {} })).rooms.find(({ room: { id } }) => id === roomId);
const markRead = (by: Person, roomId: string, n: number) => by.call('markRead', { params: { roomId }, body: { n } });

describe('my own settings', () => {
  test('are seen by me alone, on all my devices, and converge; the same again changes nothing', async () => {
    const { owner, member, roomId } = await room(server);
    const [device, others] = await Promise.all([member.connect(), owner.connect()]);
    await heard(server, device, others);
    const body = { notify: 'mentions', mutedUntil: 99_999_999_999_999, favourite: true } as const;
    const update = () => member.call('updateMe', { params: { roomId }, body });
    const me = await expectConverges(roomId, [owner, member], update);
    expect(me).toMatchObject({ ...body, markedUnread: false });
    expect(await update()).toEqual(me);
    await heard(server, device, others);
    expect(device.events).toEqual([
      { event: 'me', payload: expect.objectContaining({ roomId, numbered: false, me: expect.objectContaining(body) }) },
    ]);
    expect(others.events).toEqual([]);
    expect((await summary(member, roomId))?.me).toEqual(me);
    const cleared = await member.call('updateMe', { params: { roomId }, body: { mutedUntil: null } });
    expect(cleared).toMatchObject({ mutedUntil: null, favourite: true });
  });

  test('reach a device that was away by sync', async () => {
    const { member, roomId } = await room(server);
    const { room: held, me } = await member.call('room', { params: { roomId } });
    await member.call('updateMe', { params: { roomId }, body: { favourite: true } });
    const device = await member.connect();
    const { changed } = await device.ask('sync', { rooms: [{ roomId, rev: held.rev, mine: me.mine }] });
    expect(changed.map((one) => one.summary.me.favourite)).toEqual([true]);
  });

  test('are not there for who is not a member', async () => {
    const { member, owner, stranger, roomId } = await room(server);
    await owner.call('removeMember', { params: { roomId, userId: member.id } });
    for (const person of [member, stranger]) {
      await expect(person.call('updateMe', { params: { roomId }, body: { favourite: true } })).rejects.toMatchObject(
        refusedWith('not_found'),
      );
    }
    // Who comes back finds them.
    await owner.call('addMembers', { params: { roomId }, body: { userIds: [member.id] } });
    await member.call('updateMe', { params: { roomId }, body: { favourite: true } });
    await owner.call('removeMember', { params: { roomId, userId: member.id } });
    await owner.call('addMembers', { params: { roomId }, body: { userIds: [member.id] } });
    expect((await summary(member, roomId))?.me.favourite).toBe(true);
  });

  test('marked as unread lasts until it is read again, also without anything new', async () => {
    const { owner, member, roomId } = await room(server);
    await owner.say(roomId, 'one');
    await markRead(member, roomId, 1);
    await expectConverges(roomId, [owner, member], () =>
      member.call('updateMe', { params: { roomId }, body: { markedUnread: true } }),
    );
    expect(await summary(member, roomId)).toMatchObject({ unread: 0, me: { markedUnread: true, lastReadN: 1 } });
    await expectConverges(roomId, [owner, member], () => markRead(member, roomId, 1));
    expect((await summary(member, roomId))?.me.markedUnread).toBe(false);
  });

  test('two devices read on: the mark is the furthest of both, on both', async () => {
    const { owner, member, roomId } = await room(server);
    for (let i = 0; i < 6; i += 1) await owner.say(roomId, `${i}`);
    const [phone, laptop] = await Promise.all([member.connect(), member.connect()]);
    await expectConverges(roomId, [owner, member], () =>
      Promise.all([1, 5, 3, 2, 4].map((n, i) => (i % 2 ? phone : laptop).ask('room:read', { roomId, n }))),
    );
    for (const device of [phone, laptop]) {
      await heard(server, device);
      const states = device.events
        .filter(({ event }) => event === 'me')
        .map(({ payload }) => (payload as { me: MyMembership }).me);
      // What several nodes tell may arrive in another order: the number says which is newer.
      if (nodeCount() > 1) states.sort((a, b) => a.mine - b.mine);
      const marks = states.map(({ lastReadN }) => lastReadN ?? 0);
      expect(marks).toEqual(marks.toSorted((a, b) => a - b));
      expect(marks.at(-1)).toBe(5);
    }
    expect(await summary(member, roomId)).toMatchObject({ unread: 1, me: { lastReadN: 5 } });
  });
});

describe('sharing read marks', () => {
  const marks = async (by: Person, roomId: string, of: Person) =>
    (await by.call('members', { params: { roomId }, query: {} })).members.find((m) => m.userId === of.id)?.lastReadN;
  const share = (by: Person, shareReads: boolean) => by.call('updatePreferences', { body: { shareReads } });

  test('ends and begins in all rooms and threads at once, and converges', async () => {
    const { owner, member, roomId } = await room(server);
    const { id: messageId } = await owner.say(roomId, 'one');
    const thread = await member.call('openThread', { params: { roomId, messageId } });
    await markRead(member, roomId, 1);
    expect(await marks(owner, roomId, member)).toBe(1);
    const watching = await owner.connect();
    await heard(server, watching);
    await expectConverges(roomId, [owner, member], () =>
      expectConverges(thread.room.id, [owner, member], () => share(member, false)),
    );
    for (const id of [roomId, thread.room.id]) expect(await marks(owner, id, member)).toBeNull();
    await heard(server, watching);
    const told = watching.events.map(({ event, payload }) => [
      event,
      (payload as { member?: Member }).member?.lastReadN,
    ]);
    expect(told).toEqual([
      ['member', null],
      ['member', null],
    ]);
    await owner.say(roomId, 'two');
    await server.settle();
    const others = await owner.connect();
    await expectConverges(roomId, [owner, member], () => markRead(member, roomId, 2));
    await heard(server, others);
    expect(others.events).toEqual([]);
    expect(await summary(member, roomId)).toMatchObject({ unread: 0, me: { lastReadN: 2 } });
    await expectConverges(roomId, [owner, member], () => share(member, true));
    expect(await marks(owner, roomId, member)).toBe(2);
  });

  test('holds in rooms joined later, and the other preference stays as it is', async () => {
    const { owner, member, stranger, roomId } = await room(server, 'public');
    expect(await stranger.call('preferences', {})).toEqual({ shareReads: true, shareLastSeen: true });
    await stranger.call('updatePreferences', { body: { shareLastSeen: false } });
    expect(await share(stranger, false)).toEqual({ shareReads: false, shareLastSeen: false });
    expect(await stranger.call('updatePreferences', { body: {} })).toEqual({ shareReads: false, shareLastSeen: false });
    await stranger.call('joinRoom', { params: { roomId } });
    const direct = await member.call('directRoom', { body: { userId: stranger.id } });
    for (const id of [roomId, direct.room.id]) expect(await marks(member, id, stranger)).toBeNull();
    const { id: messageId } = await owner.say(roomId, 'about this');
    const thread = await owner.call('openThread', { params: { roomId, messageId } });
    await stranger.say(thread.room.id, 'well');
    expect(await marks(owner, thread.room.id, stranger)).toBeNull();
    expect(await stranger.call('preferences', {})).toEqual({ shareReads: false, shareLastSeen: false });
  });
});

describe('an archived room', () => {
  test('is read, not written, until it is taken out again; both converge', async () => {
    const { owner, member, other, stranger, roomId } = await room(server);
    const { id: messageId } = await member.say(roomId, 'before');
    const archive = (archived: boolean) => owner.call('updateRoom', { params: { roomId }, body: { archived } });
    const archived = await expectConverges(roomId, [owner, member], () => archive(true));
    expect(archived.archivedAt).toEqual(expect.any(Number));
    expect((await archive(true)).rev).toBe(archived.rev);
    const device = await member.connect();
    const send = { roomId, clientId: randomUUID(), body: 'x' };
    const writes = [
      member.say(roomId, 'x'),
      device.ask('message:send', send),
      member.call('editMessage', { params: { roomId, messageId }, body: { body: 'x' } }),
      owner.call('addMembers', { params: { roomId }, body: { userIds: [stranger.id] } }),
      owner.call('updateRoom', { params: { roomId }, body: { name: 'x' } }),
    ];
    await Promise.all(writes.map((write) => expect(write).rejects.toMatchObject(refusedWith('room_archived'))));
    expect((await member.call('messages', { params: { roomId }, query: {} })).messages).not.toEqual([]);
    await expectConverges(roomId, [owner, member], () => markRead(member, roomId, 1));
    await expectConverges(roomId, [owner, member], () =>
      member.call('deleteMessage', { params: { roomId, messageId } }),
    );
    await expectConverges(roomId, [owner, other], () =>
      other.call('removeMember', { params: { roomId, userId: other.id } }),
    );
    await expectConverges(roomId, [owner, member], () => archive(false));
    await member.say(roomId, 'after');
  });

  test('is archived by admins, not by members, and never a direct one', async () => {
    const { owner, member, stranger, roomId } = await room(server);
    const archive = (by: Person, id: string) =>
      by.call('updateRoom', { params: { roomId: id }, body: { archived: true } });
    await expect(archive(member, roomId)).rejects.toMatchObject(refusedWith('forbidden'));
    await expect(archive(stranger, roomId)).rejects.toMatchObject(refusedWith('not_found'));
    const direct = await owner.call('directRoom', { body: { userId: member.id } });
    await expect(archive(owner, direct.room.id)).rejects.toMatchObject(refusedWith('forbidden'));
    await owner.call('updateMember', { params: { roomId, userId: member.id }, body: { role: 'admin' } });
    await archive(member, roomId);
  });
});

test('a room’s picture is a path of this server; changing and removing it converges', async () => {
  const { owner, member, roomId } = await room(server);
  const draw = (avatar: string | null) => owner.call('updateRoom', { params: { roomId }, body: { avatar } });
  await expectConverges(roomId, [owner, member], () => draw('/api/files/some-picture'));
  expect((await member.call('room', { params: { roomId } })).room.avatar).toBe('/api/files/some-picture');
  for (const bad of ['https://elsewhere.example/x.png', 'javascript:alert(1)', '/api/files/../users', '//x.example/']) {
    await expect(draw(bad)).rejects.toMatchObject(refusedWith('bad_input'));
  }
  await expect(member.call('updateRoom', { params: { roomId }, body: { avatar: null } })).rejects.toMatchObject(
    refusedWith('forbidden'),
  );
  await expectConverges(roomId, [owner, member], () => draw(null));
});

test('a time that no date can be is bad input wherever one is taken, and the last there is can be kept', async () => {
  const last = 8_640_000_000_000_000;
  const { owner, roomId } = await room(server);
  const device = await owner.connect();
  const params = { roomId };
  const takes: ((time: number) => Promise<unknown>)[] = [
    (mutedUntil) => owner.call('updateMe', { params, body: { mutedUntil } }),
    (expiresAt) => owner.call('createInvite', { params, body: { expiresAt } }),
    (date) => owner.call('messages', { params, query: { date: String(date) } }),
    (until) => device.ask('presence:set', { until }),
  ];
  for (const take of takes) {
    await expect(take(last + 1)).rejects.toMatchObject(refusedWith('bad_input'));
    await take(last);
  }
  expect((await owner.call('room', { params })).me.mutedUntil).toBe(last);
});
