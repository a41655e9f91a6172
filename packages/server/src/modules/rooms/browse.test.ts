import { randomUUID } from 'node:crypto';
import type { RoomSnapshot } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import type { Person } from '../../../test/person.ts';
import { refusedWith, room } from '../../../test/rooms.ts';
import { joinWorld, startWorld, type World } from '../../../test/nodes.ts';

let server: World;
let crowd: World;
beforeAll(async () => {
  [server, crowd] = await Promise.all([joinWorld(), startWorld({ MAX_ROOM_MEMBERS: '4', MAX_ROOMS_PER_USER: '2' })]);
});
afterAll(async () => {
  await Promise.all([server.stop(), crowd.stop()]);
});

const join = (by: Person, roomId: string): Promise<RoomSnapshot> => by.call('joinRoom', { params: { roomId } });

describe('public rooms', () => {
  test('are found by a part of their name in any case and script, the fullest first, in pages without gap or repeat', async () => {
    const { owner, member, stranger } = await room(server, 'group', 'Ärzte private');
    const open = async (name: string, memberIds: string[] = []) =>
      (await owner.call('createRoom', { body: { name, kind: 'public', memberIds } })).room.id;
    const small: string[] = [];
    for (let i = 0; i < 5; i += 1) small.push(await open(`die ÄRZTE ${i} 医者`));
    const big = await open('Ärzte', [member.id]);
    await open('100% _other_');
    const archived = await open('Ärzte of old');
    await owner.call('updateRoom', { params: { roomId: archived }, body: { archived: true } });
    const deleted = await open('Ärzte no more');
    await owner.call('deleteRoom', { params: { roomId: deleted } });

    const seen: { id: string; joined: boolean }[] = [];
    let cursor: string | null = null;
    do {
      const page: { rooms: { room: { id: string }; joined: boolean }[]; nextCursor: string | null } = await member.call(
        'publicRooms',
        { query: { q: 'ärzte', limit: '2', ...(cursor === null ? {} : { cursor }) } },
      );
      seen.push(...page.rooms.map((one) => ({ id: one.room.id, joined: one.joined })));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen[0]).toEqual({ id: big, joined: true });
    expect(seen.slice(1)).toEqual(small.toSorted().map((id) => ({ id, joined: false })));

    const names = async (q: string) =>
      (await stranger.call('publicRooms', { query: { q } })).rooms.map((one) => one.room.name);
    expect(await names('医')).toHaveLength(5);
    expect(await names('0%')).toEqual(['100% _other_']);
    expect(await names('_')).toEqual(['100% _other_']);
    expect(await names('nothing like it')).toEqual([]);
    await expect(stranger.call('publicRooms', { query: { cursor: '1.x' } })).rejects.toMatchObject({
      body: { code: 'bad_input', details: { fields: [{ field: 'cursor' }] } },
    });
  });

  test('are joined by anyone, once, and it converges for those who are there', async () => {
    const { owner, member, stranger, roomId } = await room(server, 'public');
    await owner.say(roomId, 'before');
    const joined = await expectConverges(roomId, [owner, member], () => join(stranger, roomId));
    expect(joined).toMatchObject({ room: { memberCount: 4 }, me: { role: 'member' }, unread: 0 });
    expect((await join(stranger, roomId)).room.rev).toBe(joined.room.rev);
    await stranger.say(roomId, 'hello');
  });

  test('many who join at once are each in it, once', async () => {
    const { owner, stranger, roomId } = await room(server, 'public');
    const people = [stranger, await server.person(), await server.person()];
    await Promise.all(people.flatMap((person) => [join(person, roomId), join(person, roomId)]));
    const { members, room: after } = await owner.call('room', { params: { roomId } });
    expect(after.memberCount).toBe(6);
    expect(members).toHaveLength(6);
  });

  test('a full or archived one takes nobody, nor does one of people who have as many rooms as they may', async () => {
    const { owner, member, stranger, roomId } = await room(crowd, 'public');
    await crowd.person();
    const busy = await crowd.person();
    for (let i = 0; i < 2; i += 1) await busy.call('createRoom', { body: { name: `${i}` } });
    await expect(join(busy, roomId)).rejects.toMatchObject(refusedWith('too_many_rooms'));
    await owner.call('updateRoom', { params: { roomId }, body: { archived: true } });
    await expect(join(stranger, roomId)).rejects.toMatchObject(refusedWith('room_archived'));
    await owner.call('updateRoom', { params: { roomId }, body: { archived: false } });
    await join(stranger, roomId);
    await expect(join(await crowd.person(), roomId)).rejects.toMatchObject(refusedWith('room_full'));
    await join(member, roomId);
  });

  test('a room that everyone has left belongs to who comes next', async () => {
    const { owner, member, other, stranger, roomId } = await room(server, 'public');
    for (const person of [owner, member, other]) {
      await person.call('removeMember', { params: { roomId, userId: person.id } });
    }
    expect((await join(stranger, roomId)).me.role).toBe('owner');
    expect((await join(member, roomId)).me.role).toBe('member');
  });

  test('of a group, a direct room or one that does not exist nobody learns by trying to join', async () => {
    const { owner, member, stranger, roomId } = await room(server);
    const direct = await owner.call('directRoom', { body: { userId: member.id } });
    for (const id of [roomId, direct.room.id, randomUUID()]) {
      await expect(join(stranger, id)).rejects.toMatchObject(refusedWith('not_found'));
    }
    await owner.call('removeMember', { params: { roomId, userId: member.id } });
    await expect(join(member, roomId)).rejects.toMatchObject(refusedWith('not_found'));
    expect((await join(owner, roomId)).room.id).toBe(roomId);
  });
});
