import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Refusal } from '../../../test/person.ts';
import { nodeCount, startWorld, type World } from '../../../test/nodes.ts';

let server: World;
beforeAll(async () => {
  server = await startWorld();
});
afterAll(() => server.stop());

async function group(size = 2) {
  const people = await Promise.all(Array.from({ length: size }, () => server.person()));
  const [owner, ...others] = people as [(typeof people)[number], ...typeof people];
  const snapshot = await owner.call('createRoom', { body: { name: 'Room', memberIds: others.map((p) => p.id) } });
  return { owner, others, people, roomId: snapshot.room.id };
}

describe('sending', () => {
  test('messages are numbered from 1 without a gap, over socket and REST, in one order for everyone', async () => {
    const { people, roomId } = await group(3);
    const connections = await Promise.all(people.map((p) => p.connect()));
    // More than one commit takes, and more than is told in one turn of the event loop.
    const count = 300;
    const sends = Array.from({ length: count }, async (_, i) => {
      const who = i % 3;
      const input = { clientId: randomUUID(), body: `message ${i}`, replyTo: null };
      return i % 2 === 0
        ? connections[who]?.ask('message:send', { roomId, ...input })
        : people[who]?.call('sendMessage', { params: { roomId }, body: input });
    });
    const acknowledged = await Promise.all(sends);
    expect(acknowledged.map((m) => m?.n).toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual(
      Array.from({ length: count }, (_, i) => i + 1),
    );
    const pages = await Promise.all(
      people.map((p) => p.call('messages', { params: { roomId }, query: { limit: '100' } })),
    );
    for (const page of pages) expect(page).toEqual(pages[0]);
    for (const c of connections) {
      const heard = () =>
        c.events.filter((e) => e.event === 'message').map((e) => (e.payload as { message: { n: number } }).message.n);
      await c.until(() => heard().length === count);
      // Each node tells in order what it committed; between nodes a client goes by the numbers.
      const inOrder = nodeCount() === 1 ? heard() : heard().toSorted((a, b) => a - b);
      expect(inOrder).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    }
  });

  test('messages one connection sends without waiting keep their order', async () => {
    const { owner, roomId } = await group();
    const connection = await owner.connect();
    const sent = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        connection.ask('message:send', { roomId, clientId: randomUUID(), body: `${i}` }),
      ),
    );
    expect(sent.toSorted((a, b) => a.n - b.n).map((m) => m.body)).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
  });

  test('a retry, also in parallel and over the other way in, answers the message that was stored first', async () => {
    const { owner, roomId } = await group();
    const connection = await owner.connect();
    const clientId = randomUUID();
    const tries = await Promise.all([
      ...Array.from({ length: 10 }, () => connection.ask('message:send', { roomId, clientId, body: 'once' })),
      ...Array.from({ length: 10 }, () => owner.say(roomId, 'once', clientId)),
    ]);
    for (const answer of tries) expect(answer).toEqual(tries[0]);
    const { messages } = await owner.call('messages', { params: { roomId }, query: {} });
    expect(messages).toHaveLength(1);
  });

  test('other content under a used clientId is refused, also after an edit; the same content still is not', async () => {
    const { owner, roomId } = await group();
    const first = await owner.say(roomId, 'one', 'client-id-1');
    await owner.call('editMessage', { params: { roomId, messageId: first.id }, body: { body: 'edited' } });
    await expect(owner.say(roomId, 'two', 'client-id-1')).rejects.toMatchObject({ body: { code: 'client_id_reused' } });
    await expect(owner.say(roomId, 'one', 'client-id-1')).resolves.toMatchObject({ id: first.id, body: 'edited' });
  });

  test('a clientId belongs to its sender: others may use the same', async () => {
    const { owner, others, roomId } = await group();
    await owner.say(roomId, 'mine', 'client-id-2');
    await expect(others[0]?.say(roomId, 'theirs', 'client-id-2')).resolves.toMatchObject({ n: 2, body: 'theirs' });
  });

  test('who is not a member, or no longer is, learns nothing and changes nothing', async () => {
    const { owner, others, roomId } = await group();
    const stranger = await server.person();
    const [member] = others;
    if (member === undefined) throw new Error('no member');
    await owner.call('removeMember', { params: { roomId, userId: member.id } });
    const { n } = (await owner.call('room', { params: { roomId } })).room;
    for (const person of [stranger, member]) {
      const connection = await person.connect();
      const refused = { body: { code: 'not_found' } };
      await expect(person.say(roomId, 'hello')).rejects.toMatchObject(refused);
      await expect(connection.ask('message:send', { roomId, clientId: randomUUID(), body: 'x' })).rejects.toMatchObject(
        refused,
      );
      await expect(connection.ask('room:join', { roomId })).rejects.toMatchObject(refused);
      await expect(person.call('messages', { params: { roomId }, query: {} })).rejects.toMatchObject(refused);
      await expect(person.call('changes', { params: { roomId }, query: { since: '0' } })).rejects.toMatchObject(
        refused,
      );
    }
    expect((await owner.call('room', { params: { roomId } })).room.n).toBe(n);
  });

  test('replyTo must be a message of the same room', async () => {
    const { owner, roomId } = await group();
    const elsewhere = await group();
    const foreign = await elsewhere.owner.say(elsewhere.roomId, 'elsewhere');
    const body = { clientId: randomUUID(), body: 'x', replyTo: foreign.id };
    await expect(owner.call('sendMessage', { params: { roomId }, body })).rejects.toMatchObject({
      body: { code: 'not_found', details: { fields: [{ field: 'replyTo' }] } },
    });
  });
});

describe('history', () => {
  test('pages before, after and around a message meet without overlap, and say what lies beyond', async () => {
    const { owner, roomId } = await group();
    await Promise.all(Array.from({ length: 25 }, (_, i) => owner.say(roomId, `${i}`)));
    const ns = async (query: Record<string, string>) => {
      const page = await owner.call('messages', { params: { roomId }, query });
      return [page.messages.map((m) => m.n), page.hasMoreBefore, page.hasMoreAfter];
    };
    expect(await ns({ limit: '10' })).toEqual([[16, 17, 18, 19, 20, 21, 22, 23, 24, 25], true, false]);
    expect(await ns({ limit: '3', before: '16' })).toEqual([[13, 14, 15], true, true]);
    expect(await ns({ limit: '3', before: '4' })).toEqual([[1, 2, 3], false, true]);
    expect(await ns({ limit: '3', before: '1' })).toEqual([[], false, true]);
    expect(await ns({ limit: '3', after: '22' })).toEqual([[23, 24, 25], true, false]);
    expect(await ns({ limit: '3', after: '25' })).toEqual([[], true, false]);
    expect(await ns({ limit: '3', after: '0' })).toEqual([[1, 2, 3], false, true]);
    expect(await ns({ limit: '4', around: '10' })).toEqual([[9, 10, 11, 12], true, true]);
  });

  test('of before, after and around only one may be given', async () => {
    const { owner, roomId } = await group();
    await expect(
      owner.call('messages', { params: { roomId }, query: { before: '1', after: '2' } }),
    ).rejects.toMatchObject({
      body: { code: 'bad_input', details: { fields: [{ field: 'before' }] } },
    });
  });
});

describe('changing', () => {
  test('only the author edits; moderators and above, and the author, delete; deletion erases the body', async () => {
    const { owner, others, roomId } = await group(3);
    const [a, b] = others;
    if (a === undefined || b === undefined) throw new Error('too few');
    const message = await a.say(roomId, 'secret');
    const params = { roomId, messageId: message.id };
    for (const person of [owner, b]) {
      await expect(person.call('editMessage', { params, body: { body: 'x' } })).rejects.toMatchObject({ status: 403 });
    }
    await expect(b.call('deleteMessage', { params })).rejects.toMatchObject({ status: 403 });
    expect(await a.call('editMessage', { params, body: { body: 'changed' } })).toMatchObject({ body: 'changed', n: 1 });
    const deleted = await owner.call('deleteMessage', { params });
    expect(deleted).toMatchObject({ body: '', n: 1 });
    expect(deleted.deletedAt).not.toBeNull();
    await expect(a.call('editMessage', { params, body: { body: 'x' } })).rejects.toMatchObject({
      body: { code: 'message_deleted' },
    });
    expect(await a.call('deleteMessage', { params })).toEqual(deleted);
  });
});

describe('read marks', () => {
  test('never move back, never pass the newest message, and unread counts visible messages of others', async () => {
    const { owner, others, roomId } = await group();
    const [other] = others;
    if (other === undefined) throw new Error('no other');
    const sent = [];
    for (let i = 0; i < 5; i += 1) sent.push(await owner.say(roomId, `${i}`));
    await other.say(roomId, 'own');
    const unread = async () => (await other.call('rooms', { query: {} })).rooms[0]?.unread;
    expect(await unread()).toBe(5);
    expect(await other.call('markRead', { params: { roomId }, body: { n: 2 } })).toEqual({ lastReadN: 2, unread: 3 });
    expect(await other.call('markRead', { params: { roomId }, body: { n: 1 } })).toEqual({ lastReadN: 2, unread: 3 });
    await owner.call('deleteMessage', { params: { roomId, messageId: sent[3]?.id ?? '' } });
    expect(await unread()).toBe(2);
    expect(await other.call('markRead', { params: { roomId }, body: { n: 999 } })).toEqual({ lastReadN: 6, unread: 0 });
  });
});

test('a refusal is an error object with code, field and request id', async () => {
  const { owner, roomId } = await group();
  const refusal = await owner
    .call('sendMessage', { params: { roomId }, body: { clientId: '1', body: '' } })
    .catch((e: unknown) => e);
  expect(refusal).toBeInstanceOf(Refusal);
  expect((refusal as Refusal).body).toMatchObject({ code: 'bad_input', requestId: expect.any(String) });
});
