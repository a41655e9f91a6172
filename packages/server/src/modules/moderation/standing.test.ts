/** Who acts on whom where the instance sees to the order: by what they are in the room, and on the whole instance. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../../test/person.ts';
import { joinRoom, languageRoom, refusedWith, room } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Everything that somebody does to somebody else in a room, and what the other wrote there. */
const deeds = {
  warn: (by: Person, whom: Person, roomId: string) =>
    by.call('sanction', { body: { type: 'warn', userId: whom.id, roomId, reason: 'Be kind' } }),
  delete: async (by: Person, whom: Person, roomId: string) => {
    const { id: messageId } = await whom.say(roomId, 'mine');
    return by.call('deleteMessage', { params: { roomId, messageId } });
  },
  'bulk removal': (by: Person, whom: Person, roomId: string) =>
    by.call('removeMessages', {
      params: { roomId, userId: whom.id },
      body: { since: 'hour', reason: 'Be kind' },
    }),
  mute: (by: Person, whom: Person, roomId: string) =>
    by.call('sanction', { body: { type: 'mute', userId: whom.id, roomId, reason: 'Be kind' } }),
  role: (by: Person, whom: Person, roomId: string) =>
    by.call('updateMember', { params: { roomId, userId: whom.id }, body: { role: 'member' } }),
  kick: (by: Person, whom: Person, roomId: string) =>
    by.call('sanction', { body: { type: 'kick', userId: whom.id, roomId, reason: 'Be kind' } }),
  removal: async (by: Person, whom: Person, roomId: string) => {
    await joinRoom(whom, roomId);
    await by.call('removeMember', { params: { roomId, userId: whom.id } });
  },
  ban: (by: Person, whom: Person, roomId: string) =>
    by.call('sanction', { body: { type: 'ban', userId: whom.id, roomId, reason: 'Be kind' } }),
} as const;
type Deed = keyof typeof deeds;

async function done(by: Person, whom: Person, roomId: string): Promise<Deed[]> {
  const able: Deed[] = [];
  for (const [name, deed] of Object.entries(deeds) as [Deed, (typeof deeds)[Deed]][]) {
    try {
      await deed(by, whom, roomId);
      able.push(name);
    } catch (error) {
      expect(error, name).toMatchObject(refusedWith('forbidden'));
    }
  }
  return able;
}
const ALL = Object.keys(deeds);

const officer = (role: 'owner' | 'admin' | 'moderator') => server.person(role, role);
const setRole = (by: Person, whom: Person, roomId: string, role: 'owner' | 'admin') =>
  by.call('updateMember', { params: { roomId, userId: whom.id }, body: { role } });

describe('in a public room', () => {
  test('owners and admins of the instance act on its owners', async () => {
    for (const role of ['owner', 'admin'] as const) {
      const { owner, member, roomId } = await room(server, 'public');
      // It keeps an owner.
      await setRole(owner, member, roomId, 'owner');
      expect(await done(await officer(role), owner, roomId), role).toEqual(ALL);
    }
    const { owner, roomId } = await room(server, 'public');
    expect(await done(await officer('moderator'), owner, roomId)).toEqual([]);
  });

  test('nobody acts on those who are more on the whole instance, whatever they are there', async () => {
    const { owner, roomId } = await room(server, 'public');
    for (const role of ['moderator', 'admin', 'owner'] as const) {
      const high = await officer(role);
      await joinRoom(high, roomId);
      expect(await done(owner, high, roomId), role).toEqual([]);
    }
  });

  test('what the room’s owner has done is not for a moderator of the instance to undo', async () => {
    const { owner, member, roomId } = await room(server, 'public');
    const body = { type: 'ban', userId: member.id, roomId, reason: 'Be kind' } as const;
    const { id: sanctionId } = await owner.call('sanction', { body });
    const moderator = await officer('moderator');
    const lift = (by: Person) => by.call('liftSanction', { params: { sanctionId }, body: { reason: 'Sorry' } });
    await expect(lift(moderator)).rejects.toMatchObject(refusedWith('forbidden'));
    await expect(moderator.call('sanction', { body })).rejects.toMatchObject(refusedWith('forbidden'));
    await lift(await officer('admin'));
  });

  test('what an admin of the instance has done is not for the room’s owner to undo', async () => {
    const { owner, member, roomId } = await room(server, 'public');
    const body = { type: 'mute', userId: member.id, roomId, reason: 'Be kind' } as const;
    const { id: sanctionId } = await (await officer('admin')).call('sanction', { body });
    const lift = owner.call('liftSanction', { params: { sanctionId }, body: { reason: 'Sorry' } });
    await expect(lift).rejects.toMatchObject(refusedWith('forbidden'));
    await expect(owner.call('sanction', { body })).rejects.toMatchObject(refusedWith('forbidden'));
  });
});

describe('in a room of a lounge', () => {
  test('owners act on admins of the instance, and its admins on nobody of their own rank or above', async () => {
    const { admin, roomId } = await languageRoom(server);
    const [owner, equal] = await Promise.all([officer('owner'), officer('admin')]);
    for (const person of [admin, owner, equal]) await joinRoom(person, roomId);
    expect(await done(owner, admin, roomId)).toEqual(ALL);
    // Owners of rooms appoint their equals, and take that back.
    expect(await done(admin, equal, roomId)).toEqual(['role']);
    expect(await done(equal, owner, roomId)).toEqual([]);
  });

  test('a moderator of the instance is not banned by an admin of the room, who is out of their reach as well', async () => {
    const { admin, roomId } = await languageRoom(server);
    const [moderator, person] = await Promise.all([officer('moderator'), server.person('person')]);
    for (const one of [moderator, person]) await joinRoom(one, roomId);
    await setRole(admin, person, roomId, 'admin');
    expect(await done(person, moderator, roomId)).toEqual([]);
    expect(await done(moderator, person, roomId)).toEqual([]);
  });
});

test('in a group, which is nobody else’s, roles there count alone', async () => {
  const { owner, roomId } = await room(server);
  const admin = await officer('admin');
  await owner.call('addMembers', { params: { roomId }, body: { userIds: [admin.id] } });
  for (const name of ['warn', 'delete', 'bulk removal', 'mute', 'role', 'kick', 'ban'] as const) {
    await deeds[name](owner, admin, roomId).catch((error: unknown) => {
      throw new Error(name, { cause: error });
    });
    if (name === 'kick') await owner.call('addMembers', { params: { roomId }, body: { userIds: [admin.id] } });
  }
});
