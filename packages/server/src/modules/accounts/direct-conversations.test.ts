/** Of whom somebody lets direct conversations be begun. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../../test/person.ts';
import { direct, refusedWith } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe('who may begin a direct conversation', () => {
  const only = (person: Person, directFrom: 'everyone' | 'shared_rooms' | 'nobody') =>
    person.call('updateSettings', { body: { privacy: { directFrom } } });

  test('nobody: refused to everyone else, but for rooms that are there already', async () => {
    const [shy, known, stranger] = [await server.person(), await server.person(), await server.person()];
    const roomId = await direct(known, shy);
    await only(shy, 'nobody');
    await expect(direct(stranger, shy)).rejects.toMatchObject(refusedWith('forbidden'));
    expect(await direct(known, shy)).toBe(roomId);
    await known.say(roomId, 'still here');
    // They may begin one themself, and are answered in it.
    const own = await direct(shy, stranger);
    await stranger.say(own, 'hello');
    expect(await direct(stranger, shy)).toBe(own);
  });

  test('people of shared rooms: of groups and public rooms both are in now', async () => {
    const [shy, member, stranger] = [await server.person(), await server.person(), await server.person()];
    await only(shy, 'shared_rooms');
    await expect(direct(member, shy)).rejects.toMatchObject(refusedWith('forbidden'));
    const { room } = await shy.call('createRoom', { body: { name: 'Shared', memberIds: [member.id, stranger.id] } });
    await stranger.call('removeMember', { params: { roomId: room.id, userId: stranger.id } });
    await expect(direct(stranger, shy)).rejects.toMatchObject(refusedWith('forbidden'));
    await direct(member, shy);
    await only(shy, 'everyone');
    await direct(stranger, shy);
  });
});
