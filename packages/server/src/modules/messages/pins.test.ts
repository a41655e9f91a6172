import { LIMITS } from '@confab/protocol';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import type { Person } from '../../../test/person.ts';
import { refusedWith, room } from '../../../test/rooms.ts';
import { joinWorld, type World } from '../../../test/nodes.ts';

let server: World;
beforeAll(async () => {
  server = await joinWorld();
});
afterAll(() => server.stop());

const pin = (by: Person, roomId: string, messageId: string, on = true) =>
  by.call('pin', { params: { roomId, messageId }, body: { on } });
const pins = async (by: Person, roomId: string) => by.call('pins', { params: { roomId } });
const ids = async (by: Person, roomId: string) => (await pins(by, roomId)).messages.map((message) => message.id);
const newest = async (by: Person, roomId: string) =>
  (await by.call('messages', { params: { roomId }, query: { limit: '1' } })).messages[0];

describe('pinning', () => {
  test('shows a message to everyone, the newest pin first, says so in the room, and converges', async () => {
    const { owner, member, other, roomId } = await room(server);
    const first = await member.say(roomId, 'rules');
    const second = await owner.say(roomId, 'dates');
    await expectConverges(roomId, [owner, member, other], async () => {
      await pin(owner, roomId, second.id);
      await pin(owner, roomId, first.id);
    });
    expect(await newest(other, roomId)).toMatchObject({
      kind: 'system',
      senderId: owner.id,
      system: { type: 'pinned', actorId: owner.id, messageId: first.id },
    });
    const { messages, users } = await pins(other, roomId);
    expect(messages.map((m) => [m.id, m.body, m.pinned?.by])).toEqual([
      [first.id, 'rules', owner.id],
      [second.id, 'dates', owner.id],
    ]);
    expect(users.map((user) => user.id).toSorted()).toEqual([owner.id, member.id].toSorted());
    await expectConverges(roomId, [owner, member, other], () => pin(owner, roomId, first.id, false));
    expect(await ids(other, roomId)).toEqual([second.id]);
  });

  test('again, also at once, and unpinning what is not pinned, change nothing', async () => {
    const { owner, member, roomId } = await room(server);
    const { id } = await member.say(roomId, 'rules');
    await pin(owner, roomId, id, false);
    const answers = await Promise.all(Array.from({ length: 10 }, () => pin(owner, roomId, id)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    // The message and one announcement.
    expect((await newest(owner, roomId))?.n).toBe(2);
  });

  test('ends with the message, and a room has so many pins', async () => {
    const { owner, roomId } = await room(server);
    const [first, second, third] = [
      await owner.say(roomId, '1'),
      await owner.say(roomId, '2'),
      await owner.say(roomId, '3'),
    ];
    await pin(owner, roomId, first.id);
    await pin(owner, roomId, second.id);
    await owner.call('deleteMessage', { params: { roomId, messageId: first.id } });
    expect(await ids(owner, roomId)).toEqual([second.id]);
    await expect(pin(owner, roomId, first.id)).rejects.toMatchObject(refusedWith('message_deleted'));
    const client = new pg.Client({ connectionString: server.databaseUrl });
    await client.connect();
    await client.query(
      `INSERT INTO chat.messages (room_id, message_id, n, rev, sender_id, client_id, kind, body, parts, created_at)
       SELECT $1::uuid, gen_random_uuid(), 1000 + i, 0, $2::uuid, 'filler-' || i, 'text', 'x',
              '{"pinned": {"at": 1, "by": "00000000-0000-0000-0000-000000000000"}}', now()
       FROM generate_series(1, $3::int) i`,
      [roomId, owner.id, LIMITS.pins - 1],
    );
    await client.end();
    await expect(pin(owner, roomId, third.id)).rejects.toMatchObject(refusedWith('limit_reached'));
    await pin(owner, roomId, second.id, false);
    await expect(pin(owner, roomId, third.id)).resolves.toMatchObject({ pinned: { by: owner.id } });
  });

  test('is for moderators of a group and for both in a direct room; never on what the server says', async () => {
    const { owner, member, other, stranger, roomId } = await room(server);
    const { id } = await member.say(roomId, 'rules');
    await expect(pin(member, roomId, id)).rejects.toMatchObject(refusedWith('forbidden'));
    await owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'moderator' } });
    await pin(other, roomId, id);
    const announced = await newest(owner, roomId);
    await expect(pin(owner, roomId, announced?.id ?? '')).rejects.toMatchObject(refusedWith('forbidden'));
    for (const call of [() => pin(stranger, roomId, id), () => pins(stranger, roomId)]) {
      await expect(call()).rejects.toMatchObject(refusedWith('not_found'));
    }
    await owner.call('removeMember', { params: { roomId, userId: other.id } });
    for (const call of [() => pin(other, roomId, id, false), () => pins(other, roomId)]) {
      await expect(call()).rejects.toMatchObject(refusedWith('not_found'));
    }
    const { room: direct } = await owner.call('directRoom', { body: { userId: member.id } });
    const said = await owner.say(direct.id, 'hello');
    await expect(pin(member, direct.id, said.id)).resolves.toMatchObject({ pinned: { by: member.id } });
  });

  test('of someone I block: I cannot pin it, can unpin it unseen, and it is not in my list', async () => {
    const { owner, member, other, roomId } = await room(server);
    const { id } = await other.say(roomId, 'secret words');
    await pin(owner, roomId, id);
    await owner.call('block', { body: { userId: other.id } });
    await server.settle();
    expect(await ids(owner, roomId)).toEqual([]);
    expect(await ids(member, roomId)).toEqual([id]);
    const unpinned = await pin(owner, roomId, id, false);
    expect(unpinned).toMatchObject({ hidden: true, body: '' });
    await expect(pin(owner, roomId, id)).rejects.toMatchObject(refusedWith('blocked'));
  });

  test('is refused in an archived room, whose pins can still be read', async () => {
    const { owner, roomId } = await room(server);
    const { id } = await owner.say(roomId, 'rules');
    await pin(owner, roomId, id);
    await owner.call('updateRoom', { params: { roomId }, body: { archived: true } });
    await expect(pin(owner, roomId, id, false)).rejects.toMatchObject(refusedWith('room_archived'));
    expect(await ids(owner, roomId)).toEqual([id]);
  });
});
