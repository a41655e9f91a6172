/** Words of someone I block that reach a room by others, or as what the room itself says. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectConverges } from '../../../test/converges.ts';
import type { Person } from '../../../test/person.ts';
import { room } from '../../../test/rooms.ts';
import { startServer, type TestServer } from '../../../test/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const block = (by: Person, whom: Person) => by.call('block', { body: { userId: whom.id } });
const line = async (by: Person, roomId: string) =>
  (await by.call('rooms', { query: {} })).rooms.find(({ room: { id } }) => id === roomId);

const SECRET = 'words of someone blocked';

describe('words of someone I block', () => {
  test('P-BLOCK-2 are veiled also where others forward them, and the forward counts as theirs who sent it; it converges', async () => {
    const { owner, member, other, roomId } = await room(server);
    const said = await other.say(roomId, `${SECRET} @${member.signedIn.user.username}`);
    await member.call('markRead', { params: { roomId }, body: { n: said.n } });
    const params = { roomId };
    const pass = () => {
      const body = { clientId: randomUUID(), forward: { roomId, messageId: said.id } };
      return owner.call('sendMessage', { params, body });
    };
    const before = await pass();
    await block(member, other);
    const viewers = [owner, member, other];
    const forwarded = await expectConverges(roomId, viewers, pass);
    expect(await line(member, roomId)).toMatchObject({ unread: 2, mentions: 2, lastMessage: { hidden: true } });
    const device = await member.connect();
    const messageId = forwarded.id;
    const answers: Record<string, unknown> = {
      history: (await member.call('messages', { params, query: {} })).messages.slice(-2),
      snapshot: (await device.ask('room:join', { roomId })).messages.slice(-2),
      changes: await member.call('changes', { params, query: { since: '0' } }),
      'one message': await member.call('message', { params: { roomId, messageId } }),
      mentions: await member.call('mentions', { query: {} }),
      'chat list': await member.call('rooms', { query: {} }),
      search: await member.call('search', { query: { q: SECRET } }),
    };
    for (const [way, answer] of Object.entries(answers)) {
      expect.soft(JSON.stringify(answer), way).not.toContain(SECRET);
    }
    expect(answers['history']).toMatchObject([before.id, forwarded.id].map((id) => ({ id, hidden: true, body: '' })));
    const on = { params: { roomId, messageId }, body: { emoji: '👍', on: true } };
    await expectConverges(roomId, viewers, () => owner.call('react', on));
    await expectConverges(roomId, viewers, () => owner.call('deleteMessage', { params: { roomId, messageId } }));
    await expectConverges(roomId, viewers, () => owner.say(roomId, 'something else'));
    await device.ask('heartbeat', {});
    expect(JSON.stringify(device.events)).not.toContain(SECRET);
    expect(await line(member, roomId)).toMatchObject({ unread: 2, mentions: 1 });
    await member.call('unblock', { params: { userId: other.id } });
    const { message } = await member.call('message', { params: { roomId, messageId: before.id } });
    expect(message).toMatchObject({ body: said.body, forwarded: { senderId: other.id } });
  });

  test('P-BLOCK-3 as names and topics of a room are left out of what it says, and it converges', async () => {
    const { owner, member, other, roomId } = await room(server);
    await block(member, other);
    const params = { roomId };
    await owner.call('updateMember', { params: { roomId, userId: other.id }, body: { role: 'admin' } });
    const change = (by: Person, body: { name: string; topic: string }) =>
      expectConverges(roomId, [owner, member, other], () => by.call('updateRoom', { params, body }));
    await change(other, { name: SECRET, topic: SECRET });
    await change(owner, { name: 'Ours', topic: '' });
    const { messages } = await member.call('messages', { params, query: {} });
    expect(messages.map(({ system }) => system).filter(Boolean)).toEqual([
      { type: 'renamed', actorId: other.id },
      { type: 'topic', actorId: other.id },
      { type: 'renamed', actorId: owner.id, name: 'Ours' },
      { type: 'topic', actorId: owner.id, topic: '' },
    ]);
    const told = await owner.call('messages', { params, query: {} });
    expect(JSON.stringify(told)).toContain(`"name":"${SECRET}"`);
  });
});
