/** Lounges: what is seen of them, who runs them, and what a change does to those who are in their rooms. */
import type { Lounge, Member, Room } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import { call } from '../../../test/person.ts';
import { expectRefused, isMember, joinRoom, languageRoom, refusedWith } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** As anyone sees it, without signing in. */
async function seen(loungeId: string): Promise<Lounge | undefined> {
  const { lounges } = await call(server.url, undefined, 'lounges', {});
  return lounges.find(({ id }) => id === loungeId);
}

describe('a lounge', () => {
  test('is seen by everyone with its rooms, signed in or not; what an admin changes of it is seen at once', async () => {
    const admin = await server.person('admin', 'admin');
    const made = await admin.call('createLounge', { body: { name: 'Garden', rules: '*Be kind.*', position: 3 } });
    expect(made).toEqual({
      id: made.id,
      name: 'Garden',
      topic: '',
      picture: null,
      rules: '*Be kind.*',
      minRole: 'guest',
      guests: 'write',
      adultsOnly: false,
      position: 3,
      rooms: [],
    });
    expect(await seen(made.id)).toEqual(made);
    const params = { loungeId: made.id };
    const german = await admin.call('createLanguageRoom', {
      params,
      body: { language: 'de', capacity: 40, slowMode: 5, topic: 'Alles, was wächst' },
    });
    const canadian = await admin.call('createLanguageRoom', { params, body: { language: 'fr-ca', name: 'Québec' } });
    expect(german).toMatchObject({
      present: 0,
      room: {
        kind: 'language',
        name: 'Deutsch',
        topic: 'Alles, was wächst',
        lounge: { id: made.id, language: 'de', capacity: 40, guests: 'write' },
        moderation: { slowMode: 5 },
        memberCount: 0,
      },
    });
    expect(canadian.room).toMatchObject({ name: 'Québec', lounge: { language: 'fr-CA', capacity: 200 } });
    expect((await seen(made.id))?.rooms).toEqual([german, canadian]);
    expect((await call(server.url, undefined, 'loungeRooms', { params })).rooms).toEqual([german, canadian]);
    // Who made it, and against whom it is guarded, is not for everybody.
    expect(german.room).not.toHaveProperty('createdBy');
    expect(german.room.moderation).toEqual({ slowMode: 5, readOnly: false, lockedAt: null });

    const changed = await admin.call('updateLounge', { params, body: { topic: 'Plots', guests: 'read' } });
    expect(changed).toMatchObject({ name: 'Garden', topic: 'Plots', rules: '*Be kind.*', guests: 'read', position: 3 });
    expect(changed.rooms.map(({ room }) => room.lounge?.guests)).toEqual(['read', 'read']);
    expect(await seen(made.id)).toEqual(changed);

    const room = { ...params, roomId: german.room.id };
    expect(
      (await admin.call('updateLanguageRoom', { params: room, body: { capacity: 7 } })).room.lounge?.capacity,
    ).toBe(7);
    await admin.call('deleteLanguageRoom', { params: room });
    expect((await seen(made.id))?.rooms.map(({ room: { name } }) => name)).toEqual(['Québec']);
    await admin.call('deleteLounge', { params });
    expect(await seen(made.id)).toBeUndefined();
    await expect(admin.call('room', { params: { roomId: canadian.room.id } })).rejects.toMatchObject(
      refusedWith('not_found'),
    );
  });

  test.each([
    ['de', 'Deutsch'],
    ['pt-BR', 'Português (Brasil)'],
    ['uk', 'Українська'],
    ['ar', 'العربية'],
    ['ja', '日本語'],
  ])('names a room for %s what the language calls itself: %s', async (language, name) => {
    const { loungeId } = await languageRoom(server, { room: { language } });
    expect((await seen(loungeId))?.rooms.map(({ room }) => room.name)).toEqual([name]);
  });

  test('comes in the order of its position, those alike in the order in which they were made', async () => {
    const admin = await server.person('admin', 'admin');
    const open = async (name: string, position: number) =>
      (await admin.call('createLounge', { body: { name, position } })).id;
    const ids = [await open('last', 902), await open('first', 900), await open('second', 900)];
    const { lounges } = await call(server.url, undefined, 'lounges', {});
    expect(lounges.filter(({ id }) => ids.includes(id)).map(({ name }) => name)).toEqual(['first', 'second', 'last']);
    for (const loungeId of ids) await admin.call('deleteLounge', { params: { loungeId } });
  });

  test('is run by admins and owners; what is not there cannot be changed', async () => {
    const { admin, loungeId, roomId } = await languageRoom(server);
    const other = await languageRoom(server);
    const [user, moderator] = [await server.person(), await server.person('moderator', 'moderator')];
    for (const person of [user, moderator]) {
      const deeds = [
        person.call('createLounge', { body: { name: 'Mine' } }),
        person.call('updateLounge', { params: { loungeId }, body: { name: 'Mine' } }),
        person.call('deleteLounge', { params: { loungeId } }),
        person.call('createLanguageRoom', { params: { loungeId }, body: { language: 'en' } }),
        person.call('updateLanguageRoom', { params: { loungeId, roomId }, body: { capacity: 2 } }),
        person.call('deleteLanguageRoom', { params: { loungeId, roomId } }),
      ];
      await expectRefused('forbidden', deeds);
    }
    const elsewhere = { loungeId: other.loungeId, roomId };
    const gone = { loungeId: roomId };
    await expectRefused('not_found', [
      admin.call('updateLanguageRoom', { params: elsewhere, body: { capacity: 2 } }),
      admin.call('deleteLanguageRoom', { params: elsewhere }),
      admin.call('updateLounge', { params: gone, body: { name: 'Nowhere' } }),
      admin.call('deleteLounge', { params: gone }),
      admin.call('createLanguageRoom', { params: gone, body: { language: 'en' } }),
      call(server.url, undefined, 'loungeRooms', { params: gone }),
    ]);
  });

  test('has 50 rooms at most, however many are made at the same time', async () => {
    const { admin, loungeId } = await languageRoom(server);
    const make = () => admin.call('createLanguageRoom', { params: { loungeId }, body: { language: 'en' } });
    const made = await Promise.allSettled(Array.from({ length: 55 }, make));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(49);
    for (const one of made)
      if (one.status === 'rejected') expect(one.reason).toMatchObject(refusedWith('limit_reached'));
    await admin.call('deleteLounge', { params: { loungeId } });
  });
});

describe('changing a lounge', () => {
  test('takes out of its rooms at once whoever may not be in them any more; it converges for those who stay', async () => {
    const { admin, loungeId, roomId } = await languageRoom(server);
    const second = await admin.call('createLanguageRoom', { params: { loungeId }, body: { language: 'de' } });
    const [stays, guest] = [await server.person(), await server.person('guest', 'guest')];
    for (const id of [roomId, second.room.id]) for (const one of [stays, guest]) await joinRoom(one, id);
    const { id: messageId } = await stays.say(roomId, 'Let us go on in a thread');
    const { room: thread } = await stays.call('openThread', { params: { roomId, messageId } });
    await joinRoom(guest, thread.id);
    const connected = await guest.connect();
    await expectConverges(roomId, [stays], () =>
      admin.call('updateLounge', { params: { loungeId }, body: { guests: 'none' } }),
    );
    for (const id of [roomId, second.room.id, thread.id]) {
      await connected.until(
        ({ event, payload }: { event: string; payload: { roomId: string; member: Member } }) =>
          event === 'member' && payload.roomId === id && payload.member.leftAt !== null,
      );
    }
    expect((await guest.call('rooms', { query: {} })).rooms).toEqual([]);
    await expect(guest.say(roomId, 'Hello?')).rejects.toMatchObject(refusedWith('not_found'));
    await expect(joinRoom(guest, roomId)).rejects.toMatchObject(refusedWith('members_only'));
    expect(await isMember(stays, roomId)).toBe(true);

    // Whoever has not confirmed their age, and then whoever has no office.
    const adult = await server.person();
    await adult.call('confirmAge', { body: { ofAge: true } });
    const moderator = await server.person('moderator', 'moderator');
    await moderator.call('confirmAge', { body: { ofAge: true } });
    for (const one of [adult, moderator]) await joinRoom(one, roomId);
    await admin.call('updateLounge', { params: { loungeId }, body: { adultsOnly: true } });
    expect(await Promise.all([stays, adult, moderator].map((one) => isMember(one, roomId)))).toEqual([
      false,
      true,
      true,
    ]);
    await admin.call('updateLounge', { params: { loungeId }, body: { minRole: 'moderator' } });
    expect(await Promise.all([adult, moderator].map((one) => isMember(one, roomId)))).toEqual([false, true]);
  });

  test('while people come in leaves nobody inside who may not be', async () => {
    const { admin, loungeId, roomId } = await languageRoom(server);
    const guests = await Promise.all(Array.from({ length: 30 }, () => server.person('guest', 'guest')));
    await Promise.allSettled([
      ...guests.slice(0, 15).map((guest) => joinRoom(guest, roomId)),
      admin.call('updateLounge', { params: { loungeId }, body: { guests: 'none' } }),
      ...guests.slice(15).map((guest) => joinRoom(guest, roomId)),
    ]);
    const { members } = await admin.call('members', { params: { roomId }, query: {} });
    expect(members).toEqual([]);
  });

  test('deleting it takes its rooms away from everyone who has them open', async () => {
    const { admin, loungeId, roomId } = await languageRoom(server);
    const user = await server.person();
    await joinRoom(user, roomId);
    const connected = await user.connect();
    await connected.ask('room:join', { roomId });
    await admin.call('deleteLounge', { params: { loungeId } });
    await connected.until(
      ({ event, payload }: { event: string; payload: { room: Room } }) =>
        event === 'room' && payload.room.id === roomId && payload.room.deletedAt !== null,
    );
    await expect(joinRoom(user, roomId)).rejects.toMatchObject(refusedWith('not_found'));
    expect(await isMember(user, roomId)).toBe(false);
  });
});
