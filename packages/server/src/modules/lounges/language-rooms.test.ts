/** The rooms of lounges: who comes in, who only reads, and what guests may. */
import type { Lounge } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import { expectRefused, isMember, joinRoom, languageRoom, refusedWith } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe('a language room', () => {
  test('is joined by anyone, twice as once, and left; it converges for those who are there', async () => {
    const { roomId } = await languageRoom(server);
    const [ada, ben, guest] = [await server.person(), await server.person(), await server.person('guest', 'guest')];
    await joinRoom(ada, roomId);
    const joined = await expectConverges(roomId, [ada], async () => {
      await joinRoom(ben, roomId);
      await joinRoom(ben, roomId);
      return joinRoom(guest, roomId);
    });
    expect(joined).toMatchObject({ room: { memberCount: 3 }, me: { role: 'member' } });
    await expectConverges(roomId, [ada, ben], async () => {
      await guest.say(roomId, 'Hello, I am new here');
      await guest.call('removeMember', { params: { roomId, userId: guest.id } });
      await ben.call('removeMember', { params: { roomId, userId: ben.id } });
    });
    await expect(guest.say(roomId, 'Bye')).rejects.toMatchObject(refusedWith('not_found'));
  });

  test('takes no more than fit: of 50 who come for the last place at the same time one is in', async () => {
    const { admin, loungeId, roomId } = await languageRoom(server, { room: { capacity: 3 } });
    const [first, second, ...rest] = await Promise.all(Array.from({ length: 52 }, () => server.person()));
    if (first === undefined || second === undefined) throw new Error('nobody came');
    await Promise.all([joinRoom(first, roomId), joinRoom(second, roomId)]);
    const outcomes = await Promise.allSettled(rest.map((person) => joinRoom(person, roomId)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of outcomes)
      if (one.status === 'rejected') expect(one.reason).toMatchObject(refusedWith('room_full'));
    // Fewer fit from now on: whoever is there stays, and may come back only once there is a place.
    await admin.call('updateLanguageRoom', { params: { loungeId, roomId }, body: { capacity: 2 } });
    expect((await joinRoom(first, roomId)).room.memberCount).toBe(3);
    await first.call('removeMember', { params: { roomId, userId: first.id } });
    await expect(joinRoom(first, roomId)).rejects.toMatchObject(refusedWith('room_full'));
  });

  test('is nobody’s to invite to, to add to, or to inherit', async () => {
    const { admin, roomId } = await languageRoom(server);
    const [ada, ben] = [await server.person(), await server.person()];
    await joinRoom(ada, roomId);
    await expect(ada.call('createInvite', { params: { roomId }, body: {} })).rejects.toMatchObject(
      refusedWith('forbidden'),
    );
    await expect(admin.call('addMembers', { params: { roomId }, body: { userIds: [ben.id] } })).rejects.toMatchObject(
      refusedWith('forbidden'),
    );
    await ada.call('removeMember', { params: { roomId, userId: ada.id } });
    expect((await joinRoom(ben, roomId)).me.role).toBe('member');
  });

  test('says of each message in which language it is, where that is another one; nothing does so elsewhere', async () => {
    const { roomId } = await languageRoom(server, { room: { language: 'de-AT' } });
    const [ada, ben] = [await server.person(), await server.person()];
    for (const person of [ada, ben]) await joinRoom(person, roomId);
    const [german, english] = [
      'Ich bringe am Samstag die große Plane mit',
      'I will bring the large tarpaulin on Saturday',
    ];
    await expectConverges(roomId, [ben], async () => {
      expect(await ada.say(roomId, german)).not.toHaveProperty('language');
      expect(await ada.say(roomId, 'Hello!')).not.toHaveProperty('language');
      const foreign = await ada.say(roomId, english);
      expect(foreign.language).toBe('en');
      const params = { roomId, messageId: foreign.id };
      expect(await ada.call('editMessage', { params, body: { body: german } })).not.toHaveProperty('language');
      expect((await ada.call('editMessage', { params, body: { body: english } })).language).toBe('en');
      const thread = await ben.call('openThread', { params });
      expect((await ben.say(thread.room.id, english)).language).toBe('en');
    });
    const { messages } = await ben.call('messages', { params: { roomId }, query: {} });
    expect(messages.map(({ language }) => language)).toEqual([undefined, undefined, 'en']);
    const { room } = await ada.call('createRoom', { body: { name: 'Friends' } });
    expect(await ada.say(room.id, english)).not.toHaveProperty('language');
  });

  test('that is locked lets in nobody but who has an office, and everyone again afterwards', async () => {
    const { admin, roomId } = await languageRoom(server);
    const [user, guest] = [await server.person(), await server.person('guest', 'guest')];
    const moderator = await server.person('moderator', 'moderator');
    await admin.call('moderateRoom', { params: { roomId }, body: { locked: true } });
    await expectRefused('room_locked', [joinRoom(user, roomId), joinRoom(guest, roomId)]);
    await joinRoom(moderator, roomId);
    await admin.call('moderateRoom', { params: { roomId }, body: { locked: false } });
    for (const person of [user, guest]) await joinRoom(person, roomId);
  });

  test('lets in whose role the lounge asks for', async () => {
    const staff = await languageRoom(server, { lounge: { minRole: 'moderator' } });
    const members = await languageRoom(server, { lounge: { minRole: 'user' } });
    const [user, guest] = [await server.person(), await server.person('guest', 'guest')];
    const moderator = await server.person('moderator', 'moderator');
    await expect(joinRoom(user, staff.roomId)).rejects.toMatchObject(refusedWith('forbidden'));
    await expect(joinRoom(guest, staff.roomId)).rejects.toMatchObject(refusedWith('members_only'));
    await expect(joinRoom(guest, members.roomId)).rejects.toMatchObject(refusedWith('members_only'));
    await joinRoom(moderator, staff.roomId);
    await joinRoom(user, members.roomId);
    // Moderators come into every room, so that no lounge can be promised to be without them.
    const body = { name: 'Cabinet', minRole: 'admin' as Lounge['minRole'] };
    await expectRefused('bad_input', [
      staff.admin.call('createLounge', { body }),
      staff.admin.call('updateLounge', { params: { loungeId: staff.loungeId }, body }),
    ]);
  });

  test('for adults lets in who has confirmed to be one', async () => {
    const { roomId } = await languageRoom(server, { lounge: { adultsOnly: true } });
    for (const person of [await server.person(), await server.person('guest', 'guest')]) {
      await expect(joinRoom(person, roomId)).rejects.toMatchObject(refusedWith('age_confirmation_required'));
      await person.call('confirmAge', { body: { ofAge: true } });
      await joinRoom(person, roomId);
    }
  });

  test('for adults is not read or written in by office alone before it is confirmed', async () => {
    const { admin, roomId } = await languageRoom(server, { lounge: { adultsOnly: true } });
    const by = await server.person('by', 'moderator');
    const params = { roomId };
    const deeds = () => [
      by.say(roomId, 'hello'),
      by.call('messages', { params, query: {} }),
      by.call('search', { query: { q: 'hello', roomId } }),
    ];
    await expectRefused('age_confirmation_required', deeds());
    // What an office is for is done from outside.
    await by.call('moderateRoom', { params, body: { slowMode: 5 } });
    await by.call('held', { query: { roomId } });
    await by.call('confirmAge', { body: { ofAge: true } });
    await Promise.all(deeds());
    const { messages } = await by.call('messages', { params, query: {} });
    const on = { ...params, messageId: messages.at(-1)?.id ?? '' };
    await expectRefused('age_confirmation_required', [
      admin.call('message', { params: on }),
      admin.call('react', { params: on, body: { emoji: '👍', on: true } }),
      admin.call('openThread', { params: on }),
    ]);
    await admin.call('deleteMessage', { params: on });
  });
});

describe('a guest', () => {
  test('only reads where the lounge says so', async () => {
    const { admin, loungeId, roomId } = await languageRoom(server, { lounge: { guests: 'read' } });
    const [user, guest] = [await server.person(), await server.person('guest', 'guest')];
    await joinRoom(user, roomId);
    const { id: messageId } = await user.say(roomId, 'Good evening');
    await joinRoom(guest, roomId);
    const connected = await guest.connect();
    expect((await guest.call('messages', { params: { roomId }, query: {} })).messages).toHaveLength(1);
    const react = { params: { roomId, messageId }, body: { emoji: '👍', on: true } };
    const refused = refusedWith('members_only');
    await expect(guest.say(roomId, 'Hello')).rejects.toMatchObject(refused);
    await expect(guest.call('react', react)).rejects.toMatchObject(refused);
    const input = { roomId, clientId: 'a-guest-says', body: 'Hello' };
    await expect(connected.ask('message:send', input)).rejects.toMatchObject(refused);
    // At once, on the connection that is open.
    await admin.call('updateLounge', { params: { loungeId }, body: { guests: 'write' } });
    await connected.ask('message:send', input);
    await guest.call('react', react);
  });

  test('is in no other kind of room, whoever would have them there', async () => {
    const [user, guest] = [await server.person(), await server.person('guest', 'guest')];
    const { room } = await user.call('createRoom', { body: { name: 'All', kind: 'public' } });
    const group = await user.call('createRoom', { body: { name: 'Group' } });
    const { code } = await user.call('createInvite', { params: { roomId: group.room.id }, body: {} });
    await expectRefused('members_only', [
      joinRoom(guest, room.id),
      guest.call('acceptInvite', { params: { code } }),
      guest.call('invite', { params: { code } }),
      guest.call('publicRooms', { query: {} }),
      guest.call('directRoom', { body: { userId: user.id } }),
      guest.call('createRoom', { body: { name: 'Mine' } }),
      user.call('createRoom', { body: { name: 'Ours', memberIds: [guest.id] } }),
      user.call('addMembers', { params: { roomId: group.room.id }, body: { userIds: [guest.id] } }),
      user.call('directRoom', { body: { userId: guest.id } }),
    ]);
    expect((await guest.call('rooms', { query: {} })).rooms).toEqual([]);
  });

  test('is given no office in a room', async () => {
    const { admin, roomId } = await languageRoom(server);
    const guest = await server.person('guest', 'guest');
    await joinRoom(guest, roomId);
    const params = { roomId, userId: guest.id };
    await expect(admin.call('updateMember', { params, body: { role: 'moderator' } })).rejects.toMatchObject(
      refusedWith('members_only'),
    );
  });

  test('who becomes a member stays in their rooms and may come into the others', async () => {
    const { roomId } = await languageRoom(server);
    const members = await languageRoom(server, { lounge: { minRole: 'user' } });
    const guest = await server.person('guest', 'guest');
    await joinRoom(guest, roomId);
    const username = `was.guest${Date.now() % 1e6}`;
    await guest.call('upgradeGuest', {
      body: { email: `${username}@example.com`, password: 'a good password', username },
    });
    await guest.say(roomId, 'I stay');
    await joinRoom(guest, members.roomId);
    expect(await isMember(guest, roomId)).toBe(true);
  });
});
