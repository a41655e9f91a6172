import { randomUUID } from 'node:crypto';
import { LIMITS } from '@confab/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import type { Person } from '../../../test/person.ts';
import { joinWorld, startWorld, type World } from '../../../test/nodes.ts';
import { direct } from '../../../test/rooms.ts';
import { sql } from '../../../test/sql.ts';

let server: World;
let crowd: World;
beforeAll(async () => {
  [server, crowd] = await Promise.all([joinWorld(), startWorld({ MAX_ROOM_MEMBERS: '5', MAX_ROOMS_PER_USER: '3' })]);
});
afterAll(async () => {
  await Promise.all([server.stop(), crowd.stop()]);
});

interface Group {
  owner: Person;
  member: Person;
  other: Person;
  stranger: Person;
  roomId: string;
}
async function group(): Promise<Group> {
  const [owner, member, other, stranger] = await Promise.all([
    server.person(),
    server.person(),
    server.person(),
    server.person(),
  ]);
  const body = { name: 'Gardeners', topic: 'Roses', memberIds: [member.id, other.id] };
  const { room } = await owner.call('createRoom', { body });
  return { owner, member, other, stranger, roomId: room.id };
}

describe('every action converges, whatever of its events arrives', () => {
  const actions: Record<string, (g: Group) => Promise<unknown>> = {
    send: ({ member, roomId }) => member.say(roomId, 'hello'),
    'send many at once': ({ owner, member, roomId }) =>
      Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? owner : member).say(roomId, `${i}`))),
    edit: async ({ member, roomId }) => {
      const { id } = await member.say(roomId, 'befor');
      await member.call('editMessage', { params: { roomId, messageId: id }, body: { body: 'before' } });
    },
    'delete one read and one unread': async ({ owner, member, roomId }) => {
      const first = await member.say(roomId, 'one');
      await owner.call('markRead', { params: { roomId }, body: { n: 1 } });
      const second = await member.say(roomId, 'two');
      await member.say(roomId, 'three');
      for (const { id } of [first, second]) await member.call('deleteMessage', { params: { roomId, messageId: id } });
    },
    reply: async ({ owner, member, roomId }) => {
      const { id } = await member.say(roomId, 'question');
      const body = { clientId: randomUUID(), body: 'answer', replyTo: id };
      await owner.call('sendMessage', { params: { roomId }, body });
    },
    read: async ({ owner, member, roomId }) => {
      await owner.say(roomId, 'news');
      await owner.say(roomId, 'more');
      await member.call('markRead', { params: { roomId }, body: { n: 1 } });
      await member.call('markRead', { params: { roomId }, body: { n: 2 } });
    },
    'rename and change the topic': async ({ owner, roomId }) => {
      await owner.call('updateRoom', { params: { roomId }, body: { name: 'Botanists' } });
      await owner.call('updateRoom', { params: { roomId }, body: { topic: '' } });
    },
    'add members': ({ owner, stranger, roomId }) =>
      owner.call('addMembers', { params: { roomId }, body: { userIds: [stranger.id] } }),
    'change a role': ({ owner, other, roomId }) =>
      owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'admin' } }),
    'remove a member': ({ owner, other, roomId }) =>
      owner.call('removeMember', { params: { roomId, userId: other.id } }),
    'remove a member and take them back': async ({ owner, member, other, roomId }) => {
      await owner.call('removeMember', { params: { roomId, userId: other.id } });
      await member.say(roomId, 'gone?');
      await owner.call('addMembers', { params: { roomId }, body: { userIds: [other.id] } });
    },
    'the owner leaves': ({ owner, roomId }) => owner.call('removeMember', { params: { roomId, userId: owner.id } }),
    'delete the room': ({ owner, roomId }) => owner.call('deleteRoom', { params: { roomId } }),
  };
  for (const [name, action] of Object.entries(actions)) {
    test(name, async () => {
      const g = await group();
      await g.owner.say(g.roomId, 'there is some history');
      await expectConverges(g.roomId, [g.owner, g.member, g.other], () => action(g));
    });
  }

  test('unread at the cap', async () => {
    const { owner, member, roomId } = await group();
    const sent = await Promise.all(Array.from({ length: 45 }, (_, i) => owner.say(roomId, `${i}`)));
    await expectConverges(roomId, [member], async () => {
      await owner.call('deleteMessage', { params: { roomId, messageId: sent[7]?.id ?? '' } });
    });
  });
});

describe('direct rooms', () => {
  test('a pair has one, also when both open it at once and many times', async () => {
    const [a, b] = await Promise.all([server.person(), server.person()]);
    const rooms = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 2 ? a.call('directRoom', { body: { userId: b.id } }) : b.call('directRoom', { body: { userId: a.id } }),
      ),
    );
    expect(new Set(rooms.map(({ room }) => room.id)).size).toBe(1);
    const { members, room } = await a.call('directRoom', { body: { userId: b.id } });
    expect(members?.map((m) => m.userId).toSorted()).toEqual([a.id, b.id].toSorted());
    expect(room).toMatchObject({ kind: 'direct', memberCount: 2, rev: 2 });
  });

  test('nobody joins, leaves, renames or deletes one', async () => {
    const [a, b, c] = await Promise.all([server.person(), server.person(), server.person()]);
    const { room } = await a.call('directRoom', { body: { userId: b.id } });
    const params = { roomId: room.id };
    const forbidden = { body: { code: 'forbidden' } };
    await expect(a.call('addMembers', { params, body: { userIds: [c.id] } })).rejects.toMatchObject(forbidden);
    await expect(a.call('removeMember', { params: { ...params, userId: a.id } })).rejects.toMatchObject(forbidden);
    await expect(a.call('removeMember', { params: { ...params, userId: b.id } })).rejects.toMatchObject(forbidden);
    await expect(a.call('updateRoom', { params, body: { name: 'x' } })).rejects.toMatchObject(forbidden);
    await expect(a.call('deleteRoom', { params })).rejects.toMatchObject(forbidden);
    await expect(c.call('room', { params })).rejects.toMatchObject({ status: 404 });
  });

  test('with oneself, or with nobody, is refused by field', async () => {
    const a = await server.person();
    await expect(a.call('directRoom', { body: { userId: a.id } })).rejects.toMatchObject({
      body: { code: 'bad_input', details: { fields: [{ field: 'userId' }] } },
    });
    await expect(a.call('directRoom', { body: { userId: randomUUID() } })).rejects.toMatchObject({
      body: { code: 'not_found', details: { fields: [{ field: 'userId' }] } },
    });
  });
});

describe('members', () => {
  test('who may add, remove, promote and rename follows from the roles, and nobody acts on their equals', async () => {
    const { owner, member, other, stranger, roomId } = await group();
    const params = (userId: string) => ({ roomId, userId });
    const forbidden = { body: { code: 'forbidden' } };
    const add = (by: Person) => by.call('addMembers', { params: { roomId }, body: { userIds: [stranger.id] } });
    await expect(add(member)).rejects.toMatchObject(forbidden);
    await expect(member.call('removeMember', { params: params(other.id) })).rejects.toMatchObject(forbidden);
    await expect(
      member.call('updateMember', { params: params(member.id), body: { role: 'owner' } }),
    ).rejects.toMatchObject(forbidden);
    await owner.call('updateMember', { params: params(member.id), body: { role: 'admin' } });
    await owner.call('updateMember', { params: params(other.id), body: { role: 'admin' } });
    await expect(member.call('removeMember', { params: params(other.id) })).rejects.toMatchObject(forbidden);
    await expect(member.call('removeMember', { params: params(owner.id) })).rejects.toMatchObject(forbidden);
    await expect(
      member.call('updateMember', { params: params(other.id), body: { role: 'member' } }),
    ).rejects.toMatchObject(forbidden);
    await expect(
      member.call('updateMember', { params: params(member.id), body: { role: 'owner' } }),
    ).rejects.toMatchObject(forbidden);
    await member.call('updateRoom', { params: { roomId }, body: { name: 'By an admin' } });
    await add(member);
    await expect(
      member.call('updateMember', { params: params(stranger.id), body: { role: 'admin' } }),
    ).rejects.toMatchObject(forbidden);
    await member.call('updateMember', { params: params(stranger.id), body: { role: 'moderator' } });
    await member.call('updateMember', { params: params(member.id), body: { role: 'member' } });
    await expect(add(member)).rejects.toMatchObject(forbidden);
  });

  test('a room keeps an owner: the last one cannot step down, and when they leave the next in rank inherits', async () => {
    const { owner, member, other, roomId } = await group();
    await expect(
      owner.call('updateMember', { params: { roomId, userId: owner.id }, body: { role: 'member' } }),
    ).rejects.toMatchObject({ body: { code: 'last_owner' } });
    await owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'moderator' } });
    await owner.call('removeMember', { params: { roomId, userId: owner.id } });
    const { members } = await member.call('members', { params: { roomId }, query: {} });
    expect(members.find((m) => m.userId === other.id)?.role).toBe('owner');
    expect(members).toHaveLength(2);
  });

  test('adding someone who is there changes nothing; unknown people are named and nobody is added', async () => {
    const { owner, member, stranger, roomId } = await group();
    const { rev } = (await owner.call('room', { params: { roomId } })).room;
    expect(await owner.call('addMembers', { params: { roomId }, body: { userIds: [member.id] } })).toEqual({
      members: [],
    });
    await expect(
      owner.call('addMembers', { params: { roomId }, body: { userIds: [stranger.id, randomUUID()] } }),
    ).rejects.toMatchObject({ body: { code: 'not_found', details: { fields: [{ field: 'userIds.1' }] } } });
    expect((await owner.call('room', { params: { roomId } })).room.rev).toBe(rev);
  });

  test('a full room takes nobody more, also when many join at once', async () => {
    const people = await Promise.all(Array.from({ length: 9 }, () => crowd.person()));
    const [owner, ...others] = people;
    if (owner === undefined) throw new Error('nobody');
    const { room } = await owner.call('createRoom', { body: { name: 'Small' } });
    const tries = await Promise.allSettled(
      others.map((p) => owner.call('addMembers', { params: { roomId: room.id }, body: { userIds: [p.id] } })),
    );
    expect(tries.filter((t) => t.status === 'fulfilled')).toHaveLength(4);
    expect((await owner.call('room', { params: { roomId: room.id } })).room.memberCount).toBe(5);
  });

  test('a person has only so many rooms', async () => {
    const owner = await crowd.person();
    for (let i = 0; i < 3; i += 1) await owner.call('createRoom', { body: { name: `${i}` } });
    await expect(owner.call('createRoom', { body: { name: 'one more' } })).rejects.toMatchObject({
      body: { code: 'too_many_rooms' },
    });
  });

  test('others put nobody into more than half of their rooms: the rest is left for where they go themselves', async () => {
    const [eager, person] = [await crowd.person(), await crowd.person()];
    const into = { memberIds: [person.id] };
    for (let i = 0; i < 2; i += 1) {
      const { room } = await eager.call('createRoom', { body: { name: `${i}`, ...into } });
      await eager.call('removeMember', { params: { roomId: room.id, userId: eager.id } });
    }
    const tooMany = { body: { code: 'too_many_rooms' } };
    await expect(eager.call('createRoom', { body: { name: 'a third', ...into } })).rejects.toMatchObject(tooMany);
    const open = await eager.call('createRoom', { body: { name: 'Open', kind: 'public' } });
    const add = { params: { roomId: open.room.id }, body: { userIds: [person.id] } };
    await expect(eager.call('addMembers', add)).rejects.toMatchObject(tooMany);
    await person.call('joinRoom', { params: { roomId: open.room.id } });
  });

  test('P-ROOM-1 direct rooms count for whoever opened them alone: others leave nobody without rooms by theirs', async () => {
    const person = await crowd.person();
    const others = await Promise.all(Array.from({ length: 4 }, () => crowd.person()));
    for (const other of others) await direct(other, person);
    const [eager] = others;
    if (eager === undefined) throw new Error('nobody');
    const { room } = await eager.call('createRoom', { body: { name: 'Open', kind: 'public', memberIds: [person.id] } });
    await person.call('createRoom', { body: { name: 'Mine' } });
    await direct(person, await crowd.person());
    expect((await person.call('room', { params: { roomId: room.id } })).room.memberCount).toBe(2);
    const tooMany = { body: { code: 'too_many_rooms' } };
    await expect(person.call('createRoom', { body: { name: 'A fourth' } })).rejects.toMatchObject(tooMany);
    await expect(direct(person, await crowd.person())).rejects.toMatchObject(tooMany);
    await direct(await crowd.person(), person);
  });

  test('nobody is put into one by whom they let begin no conversation; who is there stays, and invitations are theirs to take', async () => {
    const { owner, member, stranger, roomId } = await group();
    const only = (person: Person, directFrom: 'shared_rooms' | 'nobody') =>
      person.call('updateSettings', { body: { privacy: { directFrom } } });
    const create = (by: Person, whom: Person) =>
      by.call('createRoom', { body: { name: 'Just us', memberIds: [whom.id] } });
    const add = (whom: Person) => owner.call('addMembers', { params: { roomId }, body: { userIds: [whom.id] } });
    const forbidden = { body: { code: 'forbidden' } };
    for (const choice of ['shared_rooms', 'nobody'] as const) {
      await only(stranger, choice);
      await expect(create(owner, stranger), choice).rejects.toMatchObject(forbidden);
      await expect(add(stranger), choice).rejects.toMatchObject(forbidden);
    }
    await only(member, 'shared_rooms');
    await create(owner, member);
    await only(member, 'nobody');
    await expect(create(owner, member)).rejects.toMatchObject(forbidden);
    expect((await add(member)).members).toEqual([]);
    const { code } = await owner.call('createInvite', { params: { roomId }, body: {} });
    await stranger.call('acceptInvite', { params: { code } });
  });
});

describe('sync', () => {
  test('one call tells of changed, added and lost rooms, and of nothing else', async () => {
    const { owner, member, roomId } = await group();
    const quiet = await owner.call('createRoom', { body: { name: 'Quiet', memberIds: [member.id] } });
    const lost = await owner.call('createRoom', { body: { name: 'Lost', memberIds: [member.id] } });
    const connection = await member.connect();
    const held = (await member.call('rooms', { query: {} })).rooms.map(({ room, me }) => ({
      roomId: room.id,
      rev: room.rev,
      mine: me.mine,
    }));
    const sent = await owner.say(roomId, 'news');
    await owner.call('deleteRoom', { params: { roomId: lost.room.id } });
    const added = await owner.call('createRoom', { body: { name: 'Added', memberIds: [member.id] } });
    const answer = await connection.ask('sync', { rooms: [...held, { roomId: randomUUID(), rev: 1, mine: 0 }] });
    expect(answer.changed.map((c) => [c.summary.room.id, c.messages.map((m) => m.id), c.hasMore])).toEqual([
      [roomId, [sent.id], false],
    ]);
    expect(answer.added.map((s) => s.room.id)).toEqual([added.room.id]);
    expect(answer.gone).toHaveLength(2);
    expect(answer.gone).toContain(lost.room.id);
    expect(held.some((h) => h.roomId === quiet.room.id)).toBe(true);
    expect(answer.hasMore).toBe(false);
  });

  test('more changes than fit into one answer come in pages; too many mean a reload', async () => {
    const { owner, member, roomId } = await group();
    const connection = await member.connect();
    const device = await owner.connect();
    const send = (count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, i) =>
          device.ask('message:send', { roomId, clientId: randomUUID(), body: `${i}` }),
        ),
      );
    for (let i = 0; i < 3; i += 1) await send(150);
    const seen: number[] = [];
    let rev = 3;
    for (let hasMore = true; hasMore;) {
      const answer = await connection.ask('sync', { rooms: [{ roomId, rev, mine: 0 }] });
      for (const change of answer.changed) {
        expect(change.messages.length).toBeLessThanOrEqual(200);
        seen.push(...change.messages.map((m) => m.n));
        rev = change.rev;
      }
      hasMore = answer.hasMore;
    }
    expect(seen).toEqual(Array.from({ length: 450 }, (_, i) => i + 1));
    for (let i = 0; i < 11; i += 1) await send(150);
    const [only] = (await connection.ask('sync', { rooms: [{ roomId, rev: 3, mine: 0 }] })).changed;
    expect(only).toMatchObject({ reload: true, messages: [], hasMore: false });
  });

  test('P-SYNC-6 of any number of direct rooms that others opened it tells the liveliest, after all rooms that count', async () => {
    const { member: person, owner, roomId } = await group();
    const [known, quiet] = [await direct(owner, person), await direct(await server.person(), person)];
    await owner.say(known, 'hello');
    await person.call('markRead', { params: { roomId: known }, body: { n: 1 } });
    await sql(
      server,
      `WITH made AS (
         INSERT INTO chat.rooms (room_id, kind, created_by, member_count, created_at, active_at, n, rev)
         SELECT gen_random_uuid(), 'direct', gen_random_uuid(), 2, now(), now() + make_interval(secs => i), 1, 2
         FROM generate_series(1, $2) AS i RETURNING room_id, created_by)
       INSERT INTO chat.members (room_id, user_id, role, joined_at, rev)
       SELECT room_id, created_by, 'member', now(), 1 FROM made UNION ALL SELECT room_id, $1, 'member', now(), 2 FROM made`,
      [person.id, LIMITS.syncRooms],
    );
    const connection = await person.connect();
    const held = new Map<string, { roomId: string; rev: number; mine: number }>();
    for (let hasMore = true; hasMore;) {
      const answer = await connection.ask('sync', { rooms: [...held.values()] });
      for (const { room, me } of answer.added) held.set(room.id, { roomId: room.id, rev: room.rev, mine: me.mine });
      hasMore = answer.hasMore;
    }
    expect(held.size).toBe(LIMITS.syncRooms);
    expect([...held.keys()].slice(0, 2)).toEqual([roomId, known]);
    expect(held.has(quiet)).toBe(false);
  });

  test('a client ahead of the room is told to reload it', async () => {
    const { owner, roomId } = await group();
    expect(await owner.call('changes', { params: { roomId }, query: { since: '999' } })).toMatchObject({
      reload: true,
    });
  });
});

describe('the chat list', () => {
  test('is paged by a cursor, newest activity first, each room once', async () => {
    const owner = await server.person();
    const ids: string[] = [];
    for (let i = 0; i < 7; i += 1) ids.push((await owner.call('createRoom', { body: { name: `${i}` } })).room.id);
    await owner.say(ids[0] ?? '', 'now the newest');
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { rooms: { room: { id: string } }[]; nextCursor: string | null } = await owner.call('rooms', {
        query: { limit: '3', ...(cursor === null ? {} : { cursor }) },
      });
      seen.push(...page.rooms.map(({ room }) => room.id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(7);
    expect(seen[0]).toBe(ids[0]);
    expect(new Set(seen)).toEqual(new Set(ids));
    await expect(owner.call('rooms', { query: { cursor: 'nonsense' } })).rejects.toMatchObject({
      body: { code: 'bad_input', details: { fields: [{ field: 'cursor' }] } },
    });
  });
});

test('who is not in a room is told that there is none, also when they would add someone who blocks them', async () => {
  const { owner, stranger, roomId } = await group();
  await owner.call('block', { body: { userId: stranger.id } });
  await server.settle();
  for (const id of [roomId, randomUUID()]) {
    const add = { params: { roomId: id }, body: { userIds: [owner.id] } };
    await expect(stranger.call('addMembers', add)).rejects.toMatchObject({ body: { code: 'not_found' } });
  }
});
