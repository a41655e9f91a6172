import { LIMITS, type RouteOutput } from '@confab/protocol';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import type { Person } from '../../../test/person.ts';
import { heard, refusedWith, room } from '../../../test/rooms.ts';
import { joinWorld, type World } from '../../../test/nodes.ts';

let server: World;
beforeAll(async () => {
  server = await joinWorld();
});
afterAll(() => server.stop());

const star = (by: Person, roomId: string, messageId: string, on = true) =>
  by.call('star', { params: { roomId, messageId }, body: { on } });
const ids = async (by: Person) => (await by.call('stars', { query: {} })).messages.map((message) => message.id);

describe('starring', () => {
  test('is mine alone, on all my devices, and converges; the room’s rev does not move', async () => {
    const { owner, member, other, roomId } = await room(server);
    const { id, rev } = await owner.say(roomId, 'remember this');
    const [device, elses] = await Promise.all([member.connect(), other.connect()]);
    const me = await expectConverges(roomId, [owner, member, other], () => star(member, roomId, id));
    expect(me).toMatchObject({ userId: member.id, starred: [id], rev: expect.any(Number) });
    await heard(server, device, elses);
    expect(device.events.filter(({ event }) => event === 'me')).toHaveLength(1);
    expect(elses.events).toEqual([]);
    expect((await owner.call('room', { params: { roomId } })).room.rev).toBe(rev);
    expect(await ids(member)).toEqual([id]);
    expect(await ids(owner)).toEqual([]);
    await expectConverges(roomId, [owner, member], () => star(member, roomId, id, false));
    expect(await ids(member)).toEqual([]);
  });

  test('again, also at once, is once; unstarring what is not starred changes nothing', async () => {
    const { owner, member, roomId } = await room(server);
    const { id } = await owner.say(roomId, 'remember this');
    const { mine } = await star(member, roomId, id, false);
    const answers = await Promise.all(Array.from({ length: 10 }, () => star(member, roomId, id)));
    for (const answer of answers) expect(answer).toMatchObject({ starred: [id], mine: mine + 1 });
  });

  test('has an end in each room; stars of deleted messages make room', async () => {
    const { owner, member, roomId } = await room(server);
    const { id } = await owner.say(roomId, 'remember this');
    const { id: gone } = await owner.say(roomId, 'forget this');
    await star(member, roomId, gone);
    const client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
    await client.query(
      `WITH fillers AS (
         INSERT INTO chat.messages (room_id, message_id, n, rev, sender_id, client_id, kind, body, created_at)
         SELECT $1::uuid, gen_random_uuid(), 1000 + i, 0, $2::uuid, 'filler-' || i, 'text', 'x', now()
         FROM generate_series(1, $3::int) i RETURNING message_id)
       UPDATE chat.members SET starred = starred || ARRAY(SELECT message_id FROM fillers)
       WHERE room_id = $1 AND user_id = $4::uuid`,
      [roomId, owner.id, LIMITS.starsPerRoom - 1, member.id],
    );
    await client.end();
    await expect(star(member, roomId, id)).rejects.toMatchObject(refusedWith('limit_reached'));
    await owner.call('deleteMessage', { params: { roomId, messageId: gone } });
    const { starred } = await star(member, roomId, id);
    expect(starred).toHaveLength(LIMITS.starsPerRoom);
    expect(starred).not.toContain(gone);
  });

  test('is refused on what I cannot read, on deleted messages, and on those of people I block', async () => {
    const { owner, member, other, stranger, roomId } = await room(server);
    const { id } = await other.say(roomId, 'hello');
    await expect(star(stranger, roomId, id)).rejects.toMatchObject(refusedWith('not_found'));
    await member.call('block', { body: { userId: other.id } });
    await server.settle();
    await expect(star(member, roomId, id)).rejects.toMatchObject(refusedWith('blocked'));
    await other.call('deleteMessage', { params: { roomId, messageId: id } });
    await expect(star(owner, roomId, id)).rejects.toMatchObject(refusedWith('message_deleted'));
  });

  test('works in an archived room: it is nothing of the room', async () => {
    const { owner, member, roomId } = await room(server);
    const { id } = await owner.say(roomId, 'remember this');
    await owner.call('updateRoom', { params: { roomId }, body: { archived: true } });
    await expect(star(member, roomId, id)).resolves.toMatchObject({ starred: [id] });
  });
});

describe('the list', () => {
  test('pages through all my rooms, the newest message first, without doubles or holes', async () => {
    const a = await room(server);
    const b = await a.owner.call('createRoom', { body: { name: 'Second' } });
    const sent = [];
    for (let i = 0; i < 7; i += 1) sent.push(await a.owner.say(i % 2 ? a.roomId : b.room.id, `${i}`));
    for (const { roomId, id } of sent.toReversed()) await star(a.owner, roomId, id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: RouteOutput<'stars'> = await a.owner.call('stars', {
        query: { limit: '3', ...(cursor === null ? {} : { cursor }) },
      });
      seen.push(...page.messages.map((message) => message.body));
      expect(page.users.map((user) => user.id)).toEqual([a.owner.id]);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(7);
    const time = new Map(sent.map((message) => [message.body, message.createdAt]));
    const times = seen.map((body) => time.get(body) ?? 0);
    expect(times).toEqual(times.toSorted((x, y) => y - x));
    expect(new Set(seen).size).toBe(7);
    await expect(a.owner.call('stars', { query: { cursor: 'x' } })).rejects.toMatchObject({
      body: { code: 'bad_input', details: { fields: [{ field: 'cursor' }] } },
    });
  });

  test('holds nothing of rooms I left, of people I block, or that was deleted', async () => {
    const { owner, member, other, roomId } = await room(server);
    const kept = await owner.say(roomId, 'kept');
    const deleted = await owner.say(roomId, 'deleted');
    const blocked = await other.say(roomId, 'blocked');
    for (const { id } of [kept, deleted, blocked]) await star(member, roomId, id);
    await owner.call('deleteMessage', { params: { roomId, messageId: deleted.id } });
    await member.call('block', { body: { userId: other.id } });
    await server.settle();
    expect(await ids(member)).toEqual([kept.id]);
    await owner.call('removeMember', { params: { roomId, userId: member.id } });
    expect(await ids(member)).toEqual([]);
    await owner.call('addMembers', { params: { roomId }, body: { userIds: [member.id] } });
    expect(await ids(member)).toEqual([kept.id]);
  });
});
